import { RecentMap } from '../core/recent-map.ts';
import type { TaggedAnswer } from './entity-tag.ts';

/** Of one entry beside its texts, bytes: maps and headers. */
const ENTRY_BYTES = 400;
/** A larger answer has room of its own: it would push out many that are asked for as often. A share of all that is kept. */
const SHARE_MAX = 1 / 64;

interface Forms {
  readonly byKey: ReadonlyMap<string, TaggedAnswer>;
  readonly sizeBytes: number;
}

/**
 * Answers by the encoded messages that they were made of. A record is encoded when it is written, and read as the same bytes by each poll until
 * then: to write its JSON costs more than all else about a GET of it.
 */
export class KeptAnswers {
  readonly #smallMaxBytes: number;
  readonly #small: RecentMap<Uint8Array, Forms>;
  readonly #large: RecentMap<Uint8Array, Forms>;

  /** @param largeMaxBytes  for those that take more than a 64th of `sizeMaxBytes`. */
  constructor(sizeMaxBytes: number, largeMaxBytes: number) {
    this.#smallMaxBytes = sizeMaxBytes * SHARE_MAX;
    this.#small = new RecentMap(sizeMaxBytes);
    this.#large = new RecentMap(largeMaxBytes);
  }

  /**
   * @param message  looked for by identity: those who keep encoded messages never change their bytes.
   * @param form  AnswerForm.key.
   */
  find(message: Uint8Array, form: string): TaggedAnswer | undefined {
    return this.#small.get(message)?.byKey.get(form) ?? this.#large.get(message)?.byKey.get(form);
  }

  keep(message: Uint8Array, form: string, answer: TaggedAnswer): void {
    // Two bytes a character at most, as strings are held.
    const size = message.length + 2 * answer.body.length + ENTRY_BYTES;
    const answers = size > this.#smallMaxBytes ? this.#large : this.#small;
    const forms = answers.get(message);
    const sizeBytes = (forms?.sizeBytes ?? 0) + size;
    answers.set(message, { byKey: new Map([...(forms?.byKey ?? []), [form, answer]]), sizeBytes }, sizeBytes);
  }
}
