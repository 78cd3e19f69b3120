import { hash } from 'node:crypto';
import type { Answer } from './answer-form.ts';
import type { SentAnswer } from './send-answer.ts';

/**
 * An answer with its ETag, or 304 for a caller that has it already. The tag is of the bytes: the same operation asked for in another form has
 * another one.
 *
 * @param ifNoneMatch  the header's value (RFC 9110, section 13.1.2: tags are compared weakly).
 */
export function taggedAnswer(answer: Answer, ifNoneMatch: string | undefined): SentAnswer {
  const etag = `"${hash('sha1', answer.body, 'base64url')}"`;
  if (isKnown(etag, ifNoneMatch)) return { status: 304, headers: { etag }, body: '' };
  return { ...answer, headers: { etag } };
}

function isKnown(tag: string, ifNoneMatch: string | undefined): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags: readonly string[] = ifNoneMatch.match(/"[^"]*"/g) ?? [];
  return ifNoneMatch.trim() === '*' || tags.includes(tag);
}
