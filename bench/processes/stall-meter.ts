import { monotonicMs } from '../frame/monotonic.ts';

/** The longest turn of an event loop, milliseconds; one is the timer's own. */
export interface Stall {
  /** In which nothing else could be taken up. */
  readonly wallMs: number;
  /** What this thread computed in one turn: without the time in which others had the core. */
  readonly cpuMs: number;
}

/** Finds the longest turn of this process's event loop, with a timer that should fire every millisecond. */
export class StallMeter {
  readonly #timer: NodeJS.Timeout;
  #lastMs = monotonicMs();
  #lastCpuMs = threadCpuMs();
  #wallMs = 0;
  #cpuMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), 1);
  }

  stop(): Stall {
    this.#look();
    clearInterval(this.#timer);
    return { wallMs: this.#wallMs, cpuMs: this.#cpuMs };
  }

  #look(): void {
    const nowMs = monotonicMs();
    const nowCpuMs = threadCpuMs();
    this.#wallMs = Math.max(this.#wallMs, nowMs - this.#lastMs);
    this.#cpuMs = Math.max(this.#cpuMs, nowCpuMs - this.#lastCpuMs);
    this.#lastMs = nowMs;
    this.#lastCpuMs = nowCpuMs;
  }
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
