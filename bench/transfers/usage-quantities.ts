import type { Usage } from './usage.ts';

/** One of the figures of a copy. */
export interface Quantity<Run extends Usage = Usage> {
  readonly name: string;
  readonly unit: string;
  readonly of: (run: Run) => number;
}

export const USAGE_QUANTITIES = {
  wall: { name: 'wall', unit: ' s', of: ({ wallMs }) => wallMs / 1000 },
  cpu: { name: 'CPU', unit: ' s', of: ({ cpuMs }) => cpuMs / 1000 },
  peak: { name: 'peak memory', unit: ' MB', of: ({ peakBytes }) => peakBytes / 1e6 },
} as const satisfies Readonly<Record<string, Quantity>>;
