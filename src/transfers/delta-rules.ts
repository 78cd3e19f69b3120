import type { DeltaRules, DeltaSide } from './delta.ts';
import type { ObjectStore } from './object-store.ts';
import type { OverwriteWhen } from './spec.ts';

type End = Pick<ObjectStore, 'capabilities'>;

/** How objects of these two stores are compared. */
export function deltaRulesOf(overwriteWhen: OverwriteWhen, { source, sink }: { source: End; sink: End }): DeltaRules {
  const grainMs = Math.max(source.capabilities.modifyTimeGrainMs, sink.capabilities.modifyTimeGrainMs);
  return { overwriteWhen, grainMs, source: deltaSideOf(source), sink: deltaSideOf(sink) };
}

function deltaSideOf({ capabilities }: End): DeltaSide {
  const { assignsModifyTime, hasMetadata, listsMetadata } = capabilities;
  return { assignsModifyTime, mayTellMore: hasMetadata && !listsMetadata };
}
