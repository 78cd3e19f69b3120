import type { Clock } from '../core/clock.ts';
import type { ConformanceOptions } from './conformance-options.ts';
import type { Ground, Site, FilterLanguage } from './ground.ts';
import type { ConformanceLimits } from './limits.ts';
import type { OperationSource } from './operation-source.ts';
import type { OperationsProbe } from './operations-probe.ts';
import { ControlSource } from './sources/control-source.ts';
import { FirstSource } from './sources/first-source.ts';
import { GivenSource } from './sources/given-source.ts';
import { TransferSource } from './sources/transfer-source.ts';

const TRANSFERS = 'transferOperations';

/** What every ground is built on. */
export interface GroundParts {
  readonly probe: OperationsProbe;
  readonly limits: ConformanceLimits;
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
}

/** One ground for each collection that the options name. */
export function groundsOf(options: ConformanceOptions, parts: GroundParts): readonly Ground[] {
  const named = options.collections.length === 0 ? ['operations'] : options.collections;
  const made = options.posixDirectory === undefined ? [] : [TRANSFERS];
  return [...new Set([...named, ...made])].map((collection) => {
    const language = options.filters ?? languageOf(collection);
    const filter = language === 'transfer-json' ? JSON.stringify({ projectId: options.projectId }) : '';
    const site: Site = { ...parts, collection, filter, language };
    return { ...site, source: sourceOf(site, options) };
  });
}

function languageOf(collection: string): FilterLanguage {
  return collection === TRANSFERS ? 'transfer-json' : 'aip-160';
}

/** Names that were given come first: whoever gives them wants them looked at. */
function sourceOf(site: Site, options: ConformanceOptions): OperationSource {
  const { posixDirectory, projectId } = options;
  const isHere = (name: string): boolean => name.startsWith(`${site.collection}/`);
  const given = new GivenSource(site, {
    operations: options.operations.filter(isHere),
    expendable: options.expendable.filter(isHere),
  });
  const isTransfers = site.collection === TRANSFERS && posixDirectory !== undefined;
  const maker = isTransfers ? new TransferSource(site, posixDirectory, projectId) : new ControlSource(site);
  const isGiven = options.operations.length + options.expendable.length > 0;
  return new FirstSource(isGiven ? [given, maker] : [maker, given]);
}
