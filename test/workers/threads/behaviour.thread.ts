import type { Any } from '../../../src/core/any.ts';
import { serveThreadTasks } from '../../../src/workers/thread-task.ts';
import { BEHAVIOURS, type BehaviourName } from '../behaviours.ts';

serveThreadTasks<BehaviourName, Any, Any>((name, context) => BEHAVIOURS[name](context));
