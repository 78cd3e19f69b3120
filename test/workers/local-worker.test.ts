import { EMPTY } from '../../src/core/any.ts';
import { LocalWorker } from '../../src/workers/local-worker.ts';
import { describeWorker } from '../contract/worker.contract.ts';
import { BEHAVIOURS, type BehaviourName } from './behaviours.ts';

describeWorker('LocalWorker', () => {
  return new LocalWorker({
    name: 'local',
    kinds: Object.keys(BEHAVIOURS),
    slotCount: 1,
    handler: async ({ kind }, context) => {
      const ended = await BEHAVIOURS[kind as BehaviourName](context);
      return ended === 'suspended' ? ended : { response: EMPTY };
    },
  });
});
