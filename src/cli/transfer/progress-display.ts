import type { Clock } from '../../core/clock.ts';
import type { Style } from '../format/style.ts';
import type { Output } from '../terminal.ts';
import { progressLines, progressText, type ProgressState } from './progress-lines.ts';
import { bytesPerSecond, withSample, type RateSample } from './rate.ts';

/** How progress is told: drawn over itself, as a line now and then, or not at all. */
export type DisplayForm = 'bar' | 'lines' | 'none';

export interface DisplayOptions {
  readonly form: DisplayForm;
  readonly output: Output;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly style: Style;
}

/** Between two lines of a log, milliseconds. */
const LINE_MS = 30_000;

/** Clears to the end of the line; of the screen. */
const CLEAR_LINE = '\u001B[K';
const UP = '\u001B[1A\r';
const CLEAR_BELOW = '\r\u001B[J';

/** Shows a transfer's progress on a stream, which nobody else writes to meanwhile but by `tell`. */
export class ProgressDisplay {
  readonly #options: DisplayOptions;
  readonly #startMs: number;
  #samples: readonly RateSample[] = [];
  #isDrawn = false;
  #lineMs: number;
  #waitsAfter: string | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonic();
    this.#lineMs = this.#startMs;
  }

  get form(): DisplayForm {
    return this.#options.form;
  }

  get elapsedMs(): number {
    return this.#options.clock.monotonic() - this.#startMs;
  }

  show(seen: Omit<ProgressState, 'bytesPerSecond' | 'elapsedMs'>): void {
    const { clock, form } = this.#options;
    const timeMs = clock.monotonic();
    this.#samples = withSample(this.#samples, { timeMs, bytes: seen.totals.copied.bytes + seen.totals.underWayBytes });
    const state = { ...seen, elapsedMs: this.elapsedMs, bytesPerSecond: bytesPerSecond(this.#samples) };
    const isNews = state.waitsAfter !== undefined && state.waitsAfter !== this.#waitsAfter;
    this.#waitsAfter = state.waitsAfter;
    if (form === 'bar') this.#draw(state);
    if (form !== 'lines' || (timeMs - this.#lineMs < LINE_MS && !isNews)) return;
    this.#lineMs = timeMs;
    this.#options.output.write(`${progressText(state)}\n`);
  }

  /** Writes a line above the bar. */
  tell(line: string): void {
    this.clear();
    this.#options.output.write(`${line}\n`);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#isDrawn) this.#options.output.write(UP + CLEAR_BELOW);
    this.#isDrawn = false;
  }

  #draw(state: ProgressState): void {
    const { output, style } = this.#options;
    // A line that fills the last column wraps in some terminals.
    const [first, second] = progressLines(state, output.columns - 1, style);
    output.write(`${this.#isDrawn ? UP : ''}\r${first}${CLEAR_LINE}\n${second}${CLEAR_LINE}`);
    this.#isDrawn = true;
  }
}
