/** What a server may do that S3 does not say, for as long as it runs. */
export interface FakeS3Lies {
  /** In which order it lists. Default: that of bytes. */
  readonly order?: 'bytes' | 'path' | 'utf16';
  /** Lists the key of start-after, too. */
  readonly echoesStartAfter?: boolean;
  /** Headers that it does not look at, such as `if-match`. */
  readonly ignoredHeaders?: readonly string[];
  /** Writes a space as `%20` where AWS writes `+`, and leaves a plus as it is. */
  readonly escapesSpaces?: boolean;
  /** Knows nothing of encoding-type. */
  readonly isUnencoded?: boolean;
  /** Keeps keys as paths of files, where a file is no directory. */
  readonly keepsPaths?: boolean;
  /** Answers a conditional DELETE of what is not there as done. */
  readonly hidesMissing?: boolean;
  /** Sends the whole object, whatever the range. */
  readonly ignoresRange?: boolean;
}

/** What happens once, or a few times, to requests of one kind. */
export type Fault =
  /** The answer ends after so many bytes of its body. */
  | { readonly kind: 'cut'; readonly atByte: number }
  /** The answer stops there, and the socket stays open. */
  | { readonly kind: 'stall'; readonly atByte: number }
  | { readonly kind: 'status'; readonly status: number; readonly code: string; readonly retryAfter?: string }
  /** It is done, and then the connection breaks. */
  | { readonly kind: 'lost-answer' }
  /** The socket breaks before the request has come whole. */
  | { readonly kind: 'cut-request' }
  /** It is answered as done, and not done. */
  | { readonly kind: 'dropped' }
  /** 200, then an error as the body. */
  | { readonly kind: 'late-error'; readonly code: string }
  /** 200, then this as the body. */
  | { readonly kind: 'document'; readonly text: string }
  | { readonly kind: 'wrong-etag'; readonly etag: string }
  /** A body that is whole for HTTP, and not for XML. */
  | { readonly kind: 'truncated-document'; readonly atByte: number };

export interface FaultPlan {
  readonly fault: Fault;
  /** `PUT object`, `GET bucket`, `POST ?uploadId`: the method, what is addressed, and parameters that must be there. */
  readonly method: string;
  readonly parameter?: string;
  /** How often; default once. */
  readonly count?: number;
}

/** Faults in waiting; each goes to the first requests that it fits. */
export class FaultScript {
  readonly #plans: { plan: FaultPlan; left: number }[] = [];

  add(plan: FaultPlan): void {
    this.#plans.push({ plan, left: plan.count ?? 1 });
  }

  take(method: string, parameters: URLSearchParams): Fault | undefined {
    const found = this.#plans.find(
      ({ plan, left }) =>
        left > 0 && plan.method === method && (plan.parameter === undefined || parameters.has(plan.parameter)),
    );
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.plan.fault;
  }
}
