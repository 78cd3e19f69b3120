import type { IncomingHttpHeaders } from 'node:http';
import type { Method } from '../api/method.ts';
import { RecentMap } from '../core/recent-map.ts';
import type { Message } from '../schema/protos.ts';
import type { AnswerForm } from './answer-form.ts';
import type { RequestHead } from './exchange.ts';
import { isBrowser } from './is-browser.ts';
import type { Route } from './routes.ts';

/** What a GET of one URL calls, and how it is answered. */
export interface KnownGet {
  readonly route: Route;
  readonly method: Method;
  readonly form: AnswerForm & { readonly key: string };
  /** Frozen: every such GET calls with it. */
  readonly message: Message;
}

/** A longer one is hardly a poll's, characters. */
const URL_LENGTH_MAX = 1024;

/**
 * Headers by which the same URL is another request, or an answer is made in another way. Whatever looks at a header of a GET has it here,
 * unless it looks at it for known ones too.
 */
export const SHAPING_HEADERS = [
  'x-goog-fieldmask',
  'x-goog-quota-user',
  'prefer',
  'transfer-encoding',
  'content-length',
] as const;

/**
 * GETs of one resource that were answered, by their URLs. Polls are the same requests over and over: what they ask for is read once. Browsers'
 * are not among them, as whether they may call depends on their headers.
 */
export class KnownGets {
  readonly #byUrl: RecentMap<string, KnownGet>;

  constructor(countMax: number) {
    this.#byUrl = new RecentMap(countMax);
  }

  find({ method, url, headers }: RequestHead): KnownGet | undefined {
    if (method !== 'GET' || url === undefined) return undefined;
    const known = this.#byUrl.get(url);
    return known === undefined || isShaped(headers) ? undefined : known;
  }

  keep({ method, url, headers }: RequestHead, known: KnownGet): void {
    if (method !== 'GET' || url === undefined || url.length > URL_LENGTH_MAX || isShaped(headers)) return;
    this.#byUrl.set(url, { ...known, message: Object.freeze(known.message) }, 1);
  }
}

function isShaped(headers: IncomingHttpHeaders): boolean {
  return SHAPING_HEADERS.some((name) => headers[name] !== undefined) || isBrowser(headers);
}
