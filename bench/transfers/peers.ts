import { execFileSync } from 'node:child_process';
import type { Command } from './usage.ts';

/** Somebody else who copies directory trees. */
export interface Peer {
  readonly name: string;
  /** What it is installed with on Debian, for whoever lacks it. */
  readonly installation: string;
  /** Copies `source`, a directory, to `sink`, which does not exist; or brings it up to date where it does. */
  command(source: string, sink: string, exists: boolean): Command;
  /** Answers with status 0 where it is installed and can do what is asked. */
  readonly probe: readonly string[];
}

/** rclone reads a file of remotes first; there is none. */
const NO_REMOTES = { RCLONE_CONFIG: '/dev/null' };

export const PEERS = {
  cp: {
    name: 'cp -a',
    installation: 'apt-get install coreutils',
    probe: ['cp', '--version'],
    // -T: into the sink itself, whether it exists or not. -u: no more than needed.
    command: (source, sink, exists) => ({
      command: 'cp',
      args: ['-a', ...(exists ? ['-u'] : []), '-T', source, sink],
    }),
  },
  rsync: {
    name: 'rsync -a',
    installation: 'apt-get install rsync',
    probe: ['rsync', '--version'],
    command: (source, sink) => ({ command: 'rsync', args: ['-a', `${source}/`, sink] }),
  },
  rsyncDurable: {
    name: 'rsync -a --fsync',
    installation: 'apt-get install rsync (3.2.4 or newer)',
    probe: ['rsync', '--fsync', '--version'],
    command: (source, sink) => ({ command: 'rsync', args: ['-a', '--fsync', `${source}/`, sink] }),
  },
  rclone: {
    name: 'rclone copy',
    installation: 'apt-get install rclone',
    probe: ['rclone', 'version'],
    command: (source, sink) => ({ command: 'rclone', args: ['copy', source, sink], environment: NO_REMOTES }),
  },
} as const satisfies Readonly<Record<string, Peer>>;

export type PeerName = keyof typeof PEERS;

export function isInstalled({ probe: [command = '', ...args] }: Pick<Peer, 'probe'>): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
