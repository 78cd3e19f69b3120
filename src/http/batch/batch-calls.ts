import { randomUUID } from 'node:crypto';
import { Code } from '../../core/code.ts';
import { StatusError } from '../../core/status-error.ts';
import type { Arrived, Exchange } from '../exchange.ts';
import type { BodyLimits } from '../request-body.ts';
import type { SentAnswer } from '../send-answer.ts';
import { BatchedBody } from './batched-body.ts';
import { headersOfCall } from './headers-of-call.ts';
import { parseCall, type CallText } from './parse-call.ts';
import { splitBatch, type BatchLimits } from './split-batch.ts';
import { writeBatch, type BatchAnswer } from './write-batch.ts';

/** Where batches go: what discovery documents call `batchPath`. */
export const BATCH_PATH = '/batch';

export interface BatchCallsOptions {
  readonly limits: BatchLimits & BodyLimits;
  /** Answers one call; never throws. @param refusal  what is wrong with it already. */
  readonly answer: (call: Arrived, refusal: StatusError | undefined) => Promise<SentAnswer>;
}

interface BatchedCall {
  readonly contentId: string | undefined;
  readonly text: CallText;
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
    const calls = await this.#calls(exchange);
    const answers: BatchAnswer[] = [];
    let refusal: StatusError | undefined;
    for (const { contentId, text } of calls) {
      const answer = await this.#options.answer(this.#arrived(exchange, text), refusal);
      answers.push({ contentId, isHead: text.method === 'HEAD', answer });
      refusal ??= holdAnswer(exchange, answer);
    }
    const boundary = `batch_${randomUUID()}`;
    const body = writeBatch(answers, boundary);
    return { status: 200, headers: {}, contentType: `multipart/mixed; boundary=${boundary}`, body };
  }

  async #calls({ body, request }: Exchange): Promise<readonly BatchedCall[]> {
    const parts = splitBatch(await body.read(), request.headers['content-type'], this.#options.limits);
    return parts.map(({ contentId, bytes }, index) => ({ contentId, text: parseCall(bytes, index + 1) }));
  }

  #arrived({ request, response }: Exchange, { method, url, headers: own, body }: CallText): Arrived {
    const { bodySizeMaxBytes } = this.#options.limits;
    const headers = headersOfCall(request.headers, own);
    return {
      request: { method, url, headers, socket: request.socket },
      response,
      body: (held) => new BatchedBody(body, headers, { sizeMaxBytes: bodySizeMaxBytes, held }),
    };
  }
}

/** Counts an answer until all of them are sent. @returns what the calls behind it are refused with when there is no room for theirs. */
function holdAnswer(exchange: Exchange, { body, isShared = false }: SentAnswer): StatusError | undefined {
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
