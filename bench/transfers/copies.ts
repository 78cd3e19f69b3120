import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchContext } from '../frame/bench-context.ts';
import type { TransferEngine } from '../processes/transfer-engine.ts';
import { isInstalled, PEERS, type PeerName } from './peers.ts';
import { TransferClient } from './transfer-client.ts';
import { usageOfCommand, usageOfProcess, type Usage } from './usage.ts';

/** Who copies: the sidecar and its bare engine in two durability modes, and the peers. */
export type Copier = 'none' | 'batch' | 'engineNone' | 'engineBatch' | PeerName;

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
    none: await startSidecar(context, root, 'none'),
    batch: await startSidecar(context, root, 'batch'),
    engineNone: byEngine('none'),
    engineBatch: byEngine('batch'),
    ...Object.fromEntries(peers.map((name) => [name, byPeer(name)])),
  };
}

/** The real sidecar: job created, run, and waited for, over gRPC. */
async function startSidecar(context: BenchContext, root: string, durability: string): Promise<Copy> {
  const config = join(context.directory('config'), 'config.yaml');
  writeFileSync(config, `limits:\n  transfers:\n    durability: ${durability}\n`);
  const sidecar = await context.sidecar(['--config', config, '--posix-root', root]);
  const client = new TransferClient(sidecar.grpc);
  context.atEnd(() => client.close());
  return (source, sink) => usageOfProcess(sidecar.pid, () => client.transfer(source, sink));
}
