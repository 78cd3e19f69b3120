import type { MessageTypes } from '../message-types.ts';
import { compileTerm, type FilteredMessage } from './compile-term.ts';
import type { FilterLimits } from './parse-filter.ts';
import { readTerms } from './read-terms.ts';
import { memberOf } from './value-test.ts';

/** An AIP-160 filter of messages of one type, ready to be applied. */
export interface MessageFilter {
  /** Whether a decoded message matches. Pure, and never throws. */
  readonly matches: (message: object) => boolean;
  /** Restrictions and texts that it is made of; 0 for a filter that leaves nothing out. */
  readonly termCount: number;
}

export interface MessageFilterOptions {
  /** The full name of the messages' type; one that is not known is a bug. */
  readonly typeName: string;
  readonly types: MessageTypes;
  /** Members of the message, strings and enums, that a literal which stands alone is looked for in. */
  readonly textMembers: readonly string[];
  readonly limits: FilterLimits;
}

/**
 * Reads a filter of messages that hold no Any, with the rules of filters of operations (docs/decisions/0013-filters.md).
 *
 * @throws StatusError INVALID_ARGUMENT, as readTerms and compileTerm.
 */
export function readMessageFilter(
  text: string,
  { typeName, types, textMembers, limits }: MessageFilterOptions,
): MessageFilter {
  const type = types.find(typeName);
  if (type === undefined) throw new Error(`${typeName} is not a message of the loaded protos`);
  const { term, termCount } = readTerms(text, limits, (word) => type.field(word) !== undefined);
  if (term === undefined) return { matches: () => true, termCount };
  const texts = ({ message }: FilteredMessage): readonly string[] =>
    textMembers.map((member) => memberOf(message, member)).filter((value) => typeof value === 'string');
  const test = compileTerm(text, term, { type, types, texts });
  return { matches: (message) => test({ message, open: () => undefined }), termCount };
}
