import type { Clock } from '../../core/clock.ts';
import { TurnQueue } from '../../core/turn-queue.ts';
import type { WatchLimits } from './limits.ts';

export interface UntakenMessagesOptions {
  readonly limits: Pick<WatchLimits, 'untakenBytesMax' | 'smallMessageBytes' | 'untakenMaxMs'>;
  readonly clock: Clock;
  /** Ends every wait for room, with its reason. */
  readonly stopping: AbortSignal;
}

/** Who is to be told something. */
export interface MessageReader {
  readonly signal: AbortSignal;
  /** Ends its call at once: what it has not taken is dropped. */
  readonly cutOff: () => void;
}

/** What there is room for until `leave`, which is safe to repeat. */
export interface Placed<Made> {
  readonly made: Made;
  readonly leave: () => void;
}

interface Place {
  bytes: number;
  readonly cutOff: () => void;
  /** When its reader was given it, on the monotonic clock. */
  sinceMs: number;
}

interface Asked<Made> {
  readonly make: () => Promise<Made>;
  readonly sizeOf: (made: Made) => number;
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** In an object, as a promise that is returned would be waited for. */
interface Waiting {
  readonly untilRoom: Promise<void>;
}

/**
 * Room for the messages that readers were given and have not taken, over all watches of this process: each of them stands in a buffer of
 * its own, and nobody else can drop it.
 *
 * Who finds no room waits, in the order they came, and holds nothing but names meanwhile. While somebody waits, a reader that has left
 * its messages untaken for long is cut off: the one that has stood longest first.
 */
export class UntakenMessages {
  readonly #options: UntakenMessagesOptions;
  /** In the order of their times. */
  readonly #places = new Set<Place>();
  readonly #line = new TurnQueue<Place>(() => {
    this.#letIn();
  });
  #bytes = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(options: UntakenMessagesOptions) {
    this.#options = options;
  }

  /** Whether a message needs no place: what the number of watches bounds. */
  isSmall(bytes: number): boolean {
    return bytes <= this.#options.limits.smallMessageBytes;
  }

  /**
   * What `make` makes, with a place until it is left. Where it had to wait for that it is made anew.
   *
   * @throws what `make` throws; while it waits the reader's reason, and that of the stop.
   */
  async place<Made>(
    make: () => Promise<Made>,
    sizeOf: (made: Made) => number,
    reader: MessageReader,
  ): Promise<Placed<Made>> {
    const place: Place = { bytes: 0, cutOff: reader.cutOff, sinceMs: 0 };
    const placed = await this.#placeOrWait({ make, sizeOf, place, signal: reader.signal });
    if ('made' in placed) return placed;
    await placed.untilRoom;
    try {
      const made = await make();
      this.#resize(place, sizeOf(made));
      return this.#placedAs(made, place);
    } catch (error) {
      this.#leave(place);
      throw error;
    }
  }

  /** Apart from `place`, so that what finds no room is not held by it while it waits. */
  async #placeOrWait<Made>({ make, sizeOf, place, signal }: Asked<Made>): Promise<Placed<Made> | Waiting> {
    const made = await make();
    place.bytes = sizeOf(made);
    if (this.isSmall(place.bytes)) return { made, leave: () => undefined };
    if (this.#line.length > 0 || !this.#fits(place)) return { untilRoom: this.#wait(place, signal) };
    this.#enter(place);
    return this.#placedAs(made, place);
  }

  #wait(place: Place, signal: AbortSignal): Promise<void> {
    const waited = this.#line.wait(place, AbortSignal.any([signal, this.#options.stopping]));
    this.#watchOldest();
    return waited;
  }

  #placedAs<Made>(made: Made, place: Place): Placed<Made> {
    const leave = (): void => {
      this.#leave(place);
    };
    return { made, leave };
  }

  /** One that is larger than all the room has it alone. */
  #fits({ bytes }: Place): boolean {
    return this.#places.size === 0 || this.#bytes + bytes <= this.#options.limits.untakenBytesMax;
  }

  #enter(place: Place): void {
    place.sinceMs = this.#options.clock.monotonic();
    this.#places.add(place);
    this.#bytes += place.bytes;
  }

  /** It may have changed meanwhile, and its reader may have been cut off. */
  #resize(place: Place, bytes: number): void {
    if (this.#places.has(place)) this.#bytes += bytes - place.bytes;
    place.bytes = bytes;
  }

  #leave(place: Place): void {
    if (!this.#places.delete(place)) return;
    this.#bytes -= place.bytes;
    this.#letIn();
  }

  #letIn(): void {
    for (let { first } = this.#line; first !== undefined && this.#fits(first); { first } = this.#line) {
      this.#enter(first);
      this.#line.letIn();
    }
    this.#watchOldest();
  }

  /** Cuts off who has stood longest, once that is too long, while somebody waits. */
  #watchOldest(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const [oldest] = this.#places;
    if (oldest === undefined || this.#line.length === 0) return;
    const { clock, limits } = this.#options;
    const leftMs = oldest.sinceMs + limits.untakenMaxMs - clock.monotonic();
    this.#cancelTimer = clock.after(leftMs, () => {
      oldest.cutOff();
      this.#leave(oldest);
    });
  }
}
