import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from './install.ts';
import type { Report } from './report.ts';
import type { Suite, Workspace } from './suite.ts';
import { TransferGround } from './transfer-ground.ts';

const WALK = fileURLToPath(new URL('./node/walk.js', import.meta.url));

/** Not among our own packages: it holds the clients of all of Google's APIs. */
const PACKAGE = 'googleapis@188.0.0';

/** googleapis, the public client for Node over HTTP/JSON, made of the discovery documents. */
export const googleapisSuite: Suite = {
  name: 'googleapis',

  async prepare({ directory }: Workspace) {
    // Where it is beside the package that it imports.
    const walk = join(directory, 'walk.mjs');
    copyFileSync(WALK, walk);
    const options = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--prefix', directory];
    await install('googleapis', ['npm', 'install', ...options, PACKAGE], { directory });
    const ground = join(directory, 'ground');
    mkdirSync(ground);
    return async (report: Report) => {
      const sidecar = await TransferGround.open(ground);
      try {
        await sidecar.runClient([process.execPath, walk], { report, timeoutMs: 600_000 });
      } finally {
        await sidecar.close(report);
      }
    };
  },
};
