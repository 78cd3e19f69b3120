import type { TaggedAnswer } from './entity-tag.ts';

/** Of one entry beside its texts, bytes: maps and headers. */
const ENTRY_BYTES = 400;
/** A larger answer is not kept: it would push out many that are asked for as often. A share of all that is kept. */
const SHARE_MAX = 1 / 64;

type Generation = Map<Uint8Array, Map<string, TaggedAnswer>>;

/**
 * Answers by the encoded messages that they were made of. A record is encoded when it is written, and read as the same bytes by each poll until
 * then: to write its JSON costs more than all else about a GET of it. What has not been asked for since half of the room was filled anew goes.
 */
export class KeptAnswers {
  readonly #sizeMaxBytes: number;
  #young: Generation = new Map();
  #old: Generation = new Map();
  #youngBytes = 0;

  constructor(sizeMaxBytes: number) {
    this.#sizeMaxBytes = sizeMaxBytes;
  }

  /**
   * @param message  looked for by identity: those who keep encoded messages never change their bytes.
   * @param form  AnswerForm.key.
   */
  find(message: Uint8Array, form: string): TaggedAnswer | undefined {
    const young = this.#young.get(message)?.get(form);
    if (young !== undefined) return young;
    const old = this.#old.get(message)?.get(form);
    if (old !== undefined) this.keep(message, form, old);
    return old;
  }

  keep(message: Uint8Array, form: string, answer: TaggedAnswer): void {
    // Two bytes a character at most, as strings are held.
    const size = message.length + 2 * answer.body.length + ENTRY_BYTES;
    if (size > this.#sizeMaxBytes * SHARE_MAX) return;
    if (this.#youngBytes + size > this.#sizeMaxBytes / 2) this.#age();
    const forms = this.#young.get(message) ?? new Map<string, TaggedAnswer>();
    this.#young.set(message, forms.set(form, answer));
    this.#youngBytes += size;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngBytes = 0;
  }
}
