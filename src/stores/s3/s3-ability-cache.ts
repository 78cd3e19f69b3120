import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { READING_ABILITIES, type S3Abilities } from './s3-abilities.ts';

/** In the order of their bits. A new one goes to the end. */
const NAMES = Object.keys(READING_ABILITIES) as readonly (keyof S3Abilities)[];
const IS_PROBED = 1n << 14n;
const IS_DISORDERED = 1n << 15n;
/** Of a slot; the other 48 are a hash of the endpoint. */
const FLAG_BITS = 16n;

const SLOT_COUNT = 64;
const SLOT_SIZE_BYTES = 2 * BigInt64Array.BYTES_PER_ELEMENT;

/**
 * What was found out about endpoints, in memory that all threads share: each transfer has a thread of its own, and asking an
 * endpoint takes twenty requests.
 *
 * Endpoints are told apart by a hash; two that fall on one slot take turns in it, and are asked again.
 */
export class S3AbilityCache {
  static readonly SIZE_BYTES = SLOT_COUNT * SLOT_SIZE_BYTES;

  readonly #slots: BigInt64Array;
  readonly #clock: Clock;
  readonly #ageMaxMs: number;

  /**
   * @param shared  SIZE_BYTES; memory of one's own where it is left out.
   * @param ageMaxMs  after which a server is asked anew: it may have been replaced by another release.
   */
  constructor(
    clock: Clock,
    ageMaxMs: number,
    shared: SharedArrayBuffer = new SharedArrayBuffer(S3AbilityCache.SIZE_BYTES),
  ) {
    this.#slots = new BigInt64Array(shared);
    this.#clock = clock;
    this.#ageMaxMs = ageMaxMs;
  }

  get(endpoint: string): S3Abilities | undefined {
    const { flags, timeIndex } = this.#find(endpoint);
    if ((flags & IS_PROBED) === 0n) return undefined;
    const ageMs = this.#clock.now() - Number(Atomics.load(this.#slots, timeIndex));
    if (ageMs < 0 || ageMs > this.#ageMaxMs) return undefined;
    return Object.fromEntries(
      NAMES.map((name, bit) => [name, (flags & (1n << BigInt(bit))) !== 0n]),
    ) as unknown as S3Abilities;
  }

  set(endpoint: string, abilities: S3Abilities): void {
    const { hash, flags, index, timeIndex } = this.#find(endpoint);
    const bits = NAMES.reduce((sum, name, bit) => (abilities[name] ? sum | (1n << BigInt(bit)) : sum), IS_PROBED);
    Atomics.store(this.#slots, timeIndex, BigInt(this.#clock.now()));
    this.#store(index, hash, bits | (flags & IS_DISORDERED));
  }

  /** A listing was met that is out of order: stores opened from now on say so. */
  noteDisorder(endpoint: string): void {
    const { hash, flags, index } = this.#find(endpoint);
    this.#store(index, hash, flags | IS_DISORDERED);
  }

  isDisordered(endpoint: string): boolean {
    return (this.#find(endpoint).flags & IS_DISORDERED) !== 0n;
  }

  /** Hash and flags are one number, so that no thread ever reads those of two endpoints. */
  #store(index: number, hash: bigint, flags: bigint): void {
    Atomics.store(this.#slots, index, BigInt.asIntN(64, (hash << FLAG_BITS) | flags));
  }

  #find(endpoint: string): Slot {
    const hash = BigInt(`0x${createHash('sha256').update(endpoint).digest('hex').slice(0, 12)}`);
    const index = 2 * Number(hash % BigInt(SLOT_COUNT));
    const value = BigInt.asUintN(64, Atomics.load(this.#slots, index));
    const flags = value >> FLAG_BITS === hash ? value & ((1n << FLAG_BITS) - 1n) : 0n;
    return { hash, flags, index, timeIndex: index + 1 };
  }
}

interface Slot {
  readonly hash: bigint;
  /** 0 where the slot is another endpoint's, or nobody's. */
  readonly flags: bigint;
  readonly index: number;
  readonly timeIndex: number;
}
