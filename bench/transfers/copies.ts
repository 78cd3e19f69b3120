import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { TransferLimits } from '../../src/transfers/limits.ts';
import type { TransferEngine } from '../processes/transfer-engine.ts';
import { isInstalled, PEERS, type PeerName } from './peers.ts';
import { TransferClient } from './transfer-client.ts';
import { usageOfCommand, usageOfProcess, type Usage } from './usage.ts';

/** Who copies: the sidecar and its bare engine in two durability modes, the sidecar that may clone, and the peers. */
export type Copier = 'none' | 'batch' | 'clone' | 'engineNone' | 'engineBatch' | PeerName;

/** Copies a tree, or brings a copy up to date; resolves when whoever does it says that it is done. */
export type Copy = (source: string, sink: string, exists: boolean) => Promise<Usage>;

/** All who can copy here: peers that are not installed are missing. */
export type Copies = Readonly<Partial<Record<Copier, Copy>>>;

/** @param root  what all sources and sinks are below. */
export async function startCopies(context: BenchContext, root: string): Promise<Copies> {
  const engine = await context.process<TransferEngine>('transfer-engine.ts');
  const byEngine =
    (durability: 'none' | 'batch'): Copy =>
    (source, sink) =>
      usageOfProcess(engine.pid, () => engine.call('transfer', { source, sink, root, durability }));
  const peers = (Object.keys(PEERS) as PeerName[]).filter((name) => isInstalled(PEERS[name]));
  const byPeer =
    (name: PeerName): Copy =>
    (source, sink, exists) =>
      usageOfCommand(PEERS[name].command(source, sink, exists));
  return {
    none: await startSidecar(context, root, { durability: 'none', reflink: 'never' }),
    batch: await startSidecar(context, root, { durability: 'batch', reflink: 'never' }),
    ...(context.options.xfs
      ? { clone: await startSidecar(context, root, { durability: 'batch', reflink: 'auto' }) }
      : {}),
    engineNone: byEngine('none'),
    engineBatch: byEngine('batch'),
    ...Object.fromEntries(peers.map((name) => [name, byPeer(name)])),
  };
}

/** The real sidecar: job created, run, and waited for, over gRPC. */
async function startSidecar(
  context: BenchContext,
  root: string,
  limits: Pick<TransferLimits, 'durability' | 'reflink'>,
): Promise<Copy> {
  const config = join(context.directory('config'), 'config.yaml');
  // JSON is YAML.
  writeFileSync(config, JSON.stringify({ limits: { transfers: limits } }));
  const sidecar = await context.sidecar(['--config', config, '--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  context.atEnd(() => client.close());
  return (source, sink) => usageOfProcess(sidecar.pid, () => client.transfer(source, sink));
}
