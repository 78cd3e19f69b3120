import { headerOf, type WebResponse } from './web-request.ts';

/** Where in the object an answer says that its bytes begin; undefined when it does not say. */
export function rangeStartOf(response: WebResponse): number | undefined {
  const first = /^bytes (\d+)-/.exec(headerOf(response, 'content-range') ?? '')?.[1];
  return first === undefined ? undefined : Number(first);
}
