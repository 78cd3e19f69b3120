const ALTERNATIVELY = '; or ';

/** More would not help. */
const ALTERNATIVES_MAX = 4;

/** Why a restriction does not fit a message type: what is wrong, and how far along the path. */
export class Mismatch {
  /** How many of the path's parts were understood: of several types, the one that got furthest was meant. */
  readonly step: number;
  readonly problem: string;
  readonly #expected: () => string;

  /** @param expected  what would be right; made only for the mismatch that is told. */
  constructor(step: number, problem: string, expected: () => string) {
    this.step = step;
    this.problem = problem;
    this.#expected = expected;
  }

  get expected(): string {
    return this.#expected();
  }

  /** Of two types that a restriction does not fit, the one that it comes nearer to; both where they are as near. */
  or(other: Mismatch): Mismatch {
    if (other.step !== this.step) return other.step > this.step ? other : this;
    return new Mismatch(this.step, this.problem, () => {
      const expected = this.expected.split(ALTERNATIVELY);
      if (expected.includes(other.expected) || expected.length >= ALTERNATIVES_MAX) return this.expected;
      return [...expected, other.expected].join(ALTERNATIVELY);
    });
  }
}
