import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { callerLeft, deadlinePassed } from '../api/errors.ts';
import type { CallContext } from '../api/method.ts';

/** A call that grpc-js has made, with what it keeps to itself. */
interface CallWithStream {
  readonly call?: { readonly stream?: ServerHttp2Stream };
}

type Call = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** A client counts its time from when it sent the call, so that it cuts off a little before our own count ends. */
const DEADLINE_TOLERANCE_MS = 50;

/** What grpc-js calls the other end of a Unix socket, which has no address. It hands out nothing else by which connections differ. */
const NO_PEER = 'unknown';

/**
 * What a method sees of a call. Most methods look at none of it, so each part is made when it is first asked for: an
 * AbortController for every Get would cost more than the Get.
 */
export class GrpcCallContext implements CallContext {
  readonly #call: Call;
  #controller: AbortController | undefined;
  #onCancelled: (() => void) | undefined;
  #trailers: [key: string, value: string][] | undefined;
  #onAnswered: (() => void)[] | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#follow(new AbortController());
    return this.#controller.signal;
  }

  get deadlineMs(): number | undefined {
    const deadline = Number(this.#call.getDeadline());
    return Number.isFinite(deadline) ? deadline : undefined;
  }

  get actor(): string {
    return this.#call.getPeer();
  }

  get client(): string | undefined {
    const peer = this.#call.getPeer();
    return peer === NO_PEER ? undefined : peer;
  }

  setTrailer(key: string, value: string): void {
    (this.#trailers ??= []).push([key, value]);
  }

  whenAnswered(run: () => void): void {
    (this.#onAnswered ??= []).push(run);
  }

  cutOff(): void {
    streamOf(this.#call)?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** What setTrailer was given. */
  get trailers(): readonly (readonly [key: string, value: string])[] | undefined {
    return this.#trailers;
  }

  /** The call is answered: from now on the signal stays silent, though grpc-js emits `cancelled` for answered calls too. */
  close(): void {
    if (this.#onCancelled !== undefined) this.#call.off('cancelled', this.#onCancelled);
    const onAnswered = this.#onAnswered;
    this.#onAnswered = undefined;
    onAnswered?.forEach((run) => {
      run();
    });
  }

  #follow(controller: AbortController): AbortController {
    this.#onCancelled = () => {
      const isOver = Number(this.#call.getDeadline()) - DEADLINE_TOLERANCE_MS <= Date.now();
      controller.abort(isOver ? deadlinePassed() : callerLeft());
    };
    if (this.#call.cancelled) this.#onCancelled();
    else this.#call.once('cancelled', this.#onCancelled);
    return controller;
  }
}

/**
 * The stream of a call. grpc-js hands it out nowhere, and ends calls behind what their callers have not read: of one that reads nothing that
 * is never. A test sees when it is not there any more.
 */
function streamOf(call: Call): ServerHttp2Stream | undefined {
  return (call as unknown as CallWithStream).call?.stream;
}
