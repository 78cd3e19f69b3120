import { parentPort, workerData } from 'node:worker_threads';
import { newCopyContext, type CopyContext, type CopyThreadData } from './copy-context.ts';
import { copyBatch, publishBatch } from './copy-group.ts';
import { cloneLarge, flushSource } from './clone-large.ts';
import { beginSlice, copyRange, copySlice, endSlice } from './copy-large.ts';
import type { CopyReply, CopyTask } from './copy-message.ts';
import { errnoOf, failureOf } from './errno.ts';
import { prepareLarge, publishLarge, syncLarge } from './large-staging.ts';
import { receiveFiles } from './receive-files.ts';
import { removeObjects } from './remove-objects.ts';
import { syncEach } from './sync-directories.ts';
import { updateAttributes } from './update-attributes.ts';

/** A copy thread: carries out tasks with synchronous calls, in the order in which they come. See copy-pool.ts. */
function main(): void {
  const context = newCopyContext(workerData as CopyThreadData);
  parentPort?.on('message', (task: CopyTask) => {
    parentPort?.postMessage(reply(context, task));
  });
}

function reply(context: CopyContext, task: CopyTask): CopyReply {
  // Descriptors of directories that were moved away since must not be used for longer than one task.
  context.source.clear();
  context.sink.clear();
  try {
    return { answer: carryOut(context, task) };
  } catch (error) {
    return errnoOf(error) === undefined ? { error } : { failure: failureOf(error, task.kind) };
  }
}

function carryOut(context: CopyContext, task: CopyTask): unknown {
  switch (task.kind) {
    case 'copy':
      return copyBatch(context, task.batch);
    case 'publish':
      return publishBatch(context, task.batch);
    case 'receive':
      return receiveFiles(context, task.batch);
    case 'attributes':
      return updateAttributes(context, task.updates);
    case 'remove':
      return removeObjects(context, task.side, task.objects);
    case 'slice':
      return copySlice(context, task.object, task.isChecked);
    case 'begin-slice':
      return beginSlice(context, task.object, task.isChecked);
    case 'range':
      return copyRange(context, task.start, task.range);
    case 'end-slice':
      return endSlice(context, task.start);
    case 'flush-source':
      return flushSource(context, task.object);
    case 'clone':
      return cloneLarge(context, task.object);
    case 'prepare-large':
      return prepareLarge(context, task.object);
    case 'publish-large':
      return publishLarge(context, task.object);
    case 'sync-large':
      return syncLarge(context, task.object);
    case 'sync': {
      syncEach(context, task.files, task.directories);
      return;
    }
  }
}

main();
