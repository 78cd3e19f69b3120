import { randomUUID } from 'node:crypto';
import { callerLeft, deadlinePassed } from '../../api/errors.ts';
import { Code } from '../../core/code.ts';
import { nextTurn } from '../../core/next-turn.ts';
import { StatusError } from '../../core/status-error.ts';
import { TurnBudget } from '../../core/turn-budget.ts';
import type { Arrived, Exchange } from '../exchange.ts';
import type { BodyLimits } from '../request-body.ts';
import { requestDeadlineMs } from '../request-deadline.ts';
import type { SentAnswer } from '../send-answer.ts';
import { BatchedBody } from './batched-body.ts';
import { headersOfCall } from './headers-of-call.ts';
import { parseCall, type CallLimits, type CallText } from './parse-call.ts';
import { splitBatch, type BatchLimits, type BatchPart } from './split-batch.ts';
import { writeBatch, type BatchAnswer } from './write-batch.ts';

/** Where batches go: what discovery documents call `batchPath`. */
export const BATCH_PATH = '/batch';

/** What a call takes beside its bytes while it waits for its turn, measured. */
const CALL_BYTES = 256;

export interface BatchCallsOptions {
  readonly limits: BatchLimits & BodyLimits & CallLimits;
  /** Answers one call; never throws. @param refusal  what is wrong with it already. */
  readonly answer: (call: Arrived, refusal: StatusError | undefined) => Promise<SentAnswer>;
}

/** Requests that hold many calls, as Google's generated clients send them. */
export class BatchCalls {
  readonly #options: BatchCallsOptions;

  constructor(options: BatchCallsOptions) {
    this.#options = options;
  }

  /**
   * Carries out the calls one after another, in their order; the failure of one is its own answer. Where one of them is no request, none is
   * carried out.
   *
   * @throws StatusError as `splitBatch` and `parseCall`; as the body; CANCELLED when the caller leaves: what was carried out stays.
   */
  async answer(exchange: Exchange): Promise<SentAnswer> {
    if (exchange.incoming === undefined) throw notInBatch('a batch');
    const deadlineMs = requestDeadlineMs(exchange.request.headers, Date.now());
    const parts = await this.#parts(exchange);
    exchange.hold(parts.length * CALL_BYTES);
    const answers: BatchAnswer[] = [];
    let refusal: StatusError | undefined;
    for (const [index, { contentId, bytes }] of parts.entries()) {
      // Others have theirs between any two calls, of which each may take as long as one that comes alone.
      await nextTurn();
      if (exchange.response.destroyed) throw callerLeft();
      if (deadlineMs !== undefined && Date.now() >= deadlineMs) refusal ??= deadlinePassed();
      const text = parseCall(bytes, index + 1, this.#options.limits);
      const answer = await this.#options.answer(this.#arrived(exchange, text, deadlineMs), refusal);
      const told = { ...answer, body: bytesOf(answer.body) };
      answers.push({ contentId, isHead: text.method === 'HEAD', answer: told });
      refusal ??= holdAnswer(exchange, told);
    }
    const boundary = `batch_${randomUUID()}`;
    const body = writeBatch(answers, boundary);
    return { status: 200, headers: {}, contentType: `multipart/mixed; boundary=${boundary}`, body };
  }

  /** All of them calls. They are read again when it is their turn: what is read of a header takes many times its bytes while others are waited for. */
  async #parts({ body, contentType }: Exchange): Promise<readonly BatchPart[]> {
    const { limits } = this.#options;
    const parts = await splitBatch(await body.read(), contentType, limits);
    const turns = new TurnBudget(nextTurn, limits.headerSizeMaxBytes);
    for (const [index, { bytes }] of parts.entries()) {
      await turns.spend(bytes.length);
      parseCall(bytes, index + 1, limits);
    }
    return parts;
  }

  #arrived({ request, response }: Exchange, call: CallText, deadlineMs: number | undefined): Arrived {
    const { bodySizeMaxBytes } = this.#options.limits;
    const { method, url, body } = call;
    const headers = headersOfCall(request.headers, call.headers);
    return {
      request: { method, url, headers, socket: request.socket },
      response,
      deadlineMs,
      body: (held) => new BatchedBody(body, headers, { sizeMaxBytes: bodySizeMaxBytes, held }),
    };
  }
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}

/** Counts an answer until all of them are sent. @returns what the calls behind it are refused with when there is no room for theirs. */
function holdAnswer(exchange: Exchange, { body, isShared = false }: BatchAnswer['answer']): StatusError | undefined {
  try {
    // Twice: it is copied into the answer of the batch.
    exchange.hold((isShared ? 1 : 2) * body.length);
    return undefined;
  } catch (error) {
    if (exchange.response.destroyed || !(error instanceof StatusError)) throw error;
    return error;
  }
}

/** @param what  needs a request of its own. */
export function notInBatch(what: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `a batch cannot hold ${what}; send a request of its own for it`, {
    reason: 'NOT_IN_BATCH',
  });
}
