import { hash } from 'node:crypto';
import type { Answer } from './answer-form.ts';
import type { SentAnswer } from './send-answer.ts';

/** An answer with its ETag among its headers. */
export interface TaggedAnswer extends SentAnswer {
  readonly headers: { readonly etag: string };
}

/** The tag is of the bytes: the same operation asked for in another form has another one. */
export function taggedAnswer(answer: Answer): TaggedAnswer {
  return { ...answer, headers: { etag: `"${hash('sha1', answer.body, 'base64url')}"` } };
}

/**
 * The answer, or 304 for a caller that has it already.
 *
 * @param ifNoneMatch  the header's value (RFC 9110, section 13.1.2: tags are compared weakly).
 */
export function unlessKnown(answer: TaggedAnswer, ifNoneMatch: string | undefined): SentAnswer {
  return isKnown(answer.headers.etag, ifNoneMatch) ? { status: 304, headers: answer.headers, body: '' } : answer;
}

function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags: readonly string[] = ifNoneMatch.match(/"[^"]*"/g) ?? [];
  return ifNoneMatch.trim() === '*' || tags.includes(tag);
}
