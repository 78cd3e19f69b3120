import type { Bound, Reference, Result, Row } from '../frame/benchmark.ts';
import type { Copier } from './copies.ts';
import { PEERS, type PeerName } from './peers.ts';
import { USAGE_QUANTITIES, type Quantity } from './usage-quantities.ts';
import type { Usage } from './usage.ts';

/** One copy, and how long a sync of the file system took after it, milliseconds. */
export interface CopyRun extends Usage {
  readonly syncMs: number;
}

export type CopyRuns = Readonly<Partial<Record<Copier, readonly CopyRun[]>>>;

const QUANTITIES = {
  ...USAGE_QUANTITIES,
  durable: { name: 'wall and a sync', unit: ' s', of: ({ wallMs, syncMs }) => (wallMs + syncMs) / 1000 },
} as const satisfies Readonly<Record<string, Quantity<CopyRun>>>;

export type QuantityName = keyof typeof QUANTITIES;

/** What is asked of the ratio to one of the others, in one quantity. */
export type CopyTargets = Partial<Record<QuantityName, Partial<Record<Copier, Bound>>>>;

export interface CopyRows {
  /** Of the tree. */
  readonly what: string;
  /** Whose row it is: the sidecar in this durability mode; `clone` is `batch`, and may share blocks. */
  readonly ours: 'none' | 'batch' | 'clone';
  readonly quantities: readonly QuantityName[];
  readonly targets: CopyTargets;
}

/** With whom each durability mode is compared: with those who promise as much, and with those whom everybody knows. */
const OTHERS: Readonly<Record<CopyRows['ours'], readonly Copier[]>> = {
  none: ['engineNone', 'cp', 'rsync', 'rclone'],
  batch: ['engineBatch', 'rsyncDurable', 'rsync', 'rclone'],
  // cp shares blocks, too, where it can.
  clone: ['batch', 'cp', 'rsync', 'rclone'],
};

export function copyRows(runs: CopyRuns, { what, ours, quantities, targets }: CopyRows): readonly Row[] {
  return quantities.map((quantity) => {
    const { name, unit, of } = QUANTITIES[quantity];
    const references = OTHERS[ours].flatMap((copier): readonly Reference[] => {
      const theirs = runs[copier];
      const target = targets[quantity]?.[copier];
      if (theirs === undefined) return [];
      return [{ name: nameOf(copier), runs: theirs.map(of), ...(target === undefined ? {} : { target }) }];
    });
    return { name: `${what}, ${MODES[ours]}: ${name}`, unit, runs: (runs[ours] ?? []).map(of), references };
  });
}

const MODES: Readonly<Record<CopyRows['ours'], string>> = {
  none: 'durability none',
  batch: 'durability batch',
  clone: 'durability batch, reflink auto',
};

function nameOf(copier: Copier): string {
  if (copier === 'batch') return 'reflink never';
  return copier in PEERS ? PEERS[copier as PeerName].name : 'its engine alone';
}

/** Those that are not installed here. */
export function missingPeers(runs: CopyRuns): readonly Result[] {
  return (Object.keys(PEERS) as PeerName[])
    .filter((name) => runs[name] === undefined)
    .map((name) => ({ name: PEERS[name].name, skipped: `is not installed: ${PEERS[name].installation}` }));
}
