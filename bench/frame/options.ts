import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Names of benchmarks; none = all. */
  readonly names: readonly string[];
  /** Where the JSON goes. */
  readonly jsonPath: string;
  /** Holds everything that is written, and is what transfers are measured on. */
  readonly directory: string;
  readonly runCount?: number;
  /** Only shows that everything works; the figures mean little. */
  readonly quick: boolean;
  /** The sizes of DESIGN.md §8 rather than a fifth of them. */
  readonly large: boolean;
  /** Transfers on a fresh XFS in a file. */
  readonly xfs: boolean;
}

export const USAGE = `npm run bench -- [name …] [flags]

  --list             the benchmarks and their targets
  --json PATH        where the figures go as JSON     (bench-results.json in the directory for temporary files)
  --directory PATH   what is written goes below it    (the directory for temporary files)
  --runs N           measure so often
  --quick            small and short: only to see that it works
  --large            transfers of the full size
  --xfs              transfers on a fresh XFS in a file: needs root, mount and mkfs.xfs
`;

/** @throws Error with one line for the person who typed it. */
export function parseOptions(args: readonly string[]): Options | 'help' | 'list' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      json: { type: 'string', default: join(tmpdir(), 'bench-results.json') },
      directory: { type: 'string', default: tmpdir() },
      runs: { type: 'string' },
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: false },
      xfs: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.list) return 'list';
  const { json, directory, quick, large, xfs, runs } = values;
  const runCount = runs === undefined ? {} : { runCount: parseRunCount(runs) };
  return { names: positionals, jsonPath: json, directory, quick, large, xfs, ...runCount };
}

function parseRunCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`--runs ${text}: is not a number from 1`);
  return count;
}
