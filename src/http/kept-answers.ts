import { RecentMap } from '../core/recent-map.ts';
import type { TaggedAnswer } from './entity-tag.ts';

/** Of one entry beside its texts, bytes: maps and headers. */
const ENTRY_BYTES = 400;
/** A larger answer is not kept: it would push out many that are asked for as often. A share of all that is kept. */
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
  readonly #sizeMaxBytes: number;
  readonly #answers: RecentMap<Uint8Array, Forms>;

  constructor(sizeMaxBytes: number) {
    this.#sizeMaxBytes = sizeMaxBytes;
    this.#answers = new RecentMap(sizeMaxBytes);
  }

  /**
   * @param message  looked for by identity: those who keep encoded messages never change their bytes.
   * @param form  AnswerForm.key.
   */
  find(message: Uint8Array, form: string): TaggedAnswer | undefined {
    return this.#answers.get(message)?.byKey.get(form);
  }

  keep(message: Uint8Array, form: string, answer: TaggedAnswer): void {
    // Two bytes a character at most, as strings are held.
    const size = message.length + 2 * answer.body.length + ENTRY_BYTES;
    if (size > this.#sizeMaxBytes * SHARE_MAX) return;
    const forms = this.#answers.get(message);
    const sizeBytes = (forms?.sizeBytes ?? 0) + size;
    this.#answers.set(message, { byKey: new Map([...(forms?.byKey ?? []), [form, answer]]), sizeBytes }, sizeBytes);
  }
}
