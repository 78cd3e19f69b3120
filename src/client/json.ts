/** Messages as protobuf's JSON, for programs: times in RFC 3339, counts as texts, every Any shown by its type as far as it is known. */
import { anyJson, messageJson, type Json } from '../schema/message-json.ts';
import { domainAny, type Message, type WireAny } from '../schema/protos.ts';
import type {
  CancelledRequestMessage,
  OperationDescriptionMessage,
  OwnerSessionMessage,
  WatchEventMessage,
  WorkerMessage,
} from './control-messages.ts';
import type { OperationMessage, TransferJobMessage } from './messages.ts';

export type { Json };

export function operationJson(operation: OperationMessage): Json {
  return messageJson('google.longrunning.Operation', operation as Message);
}

export function transferJobJson(job: TransferJobMessage): Json {
  return messageJson('google.storagetransfer.v1.TransferJob', job as Message);
}

export function descriptionJson(description: OperationDescriptionMessage): Json {
  return messageJson('longrunning.control.v1.OperationDescription', description as Message);
}

export function watchEventJson(event: WatchEventMessage): Json {
  return messageJson('longrunning.control.v1.WatchOperationsResponse', event as Message);
}

export function workerJson(worker: WorkerMessage): Json {
  return messageJson('longrunning.control.v1.Worker', worker as Message);
}

export function ownerSessionJson(owner: OwnerSessionMessage): Json {
  return messageJson('longrunning.control.v1.OwnerSession', owner as Message);
}

export function cancelledRequestJson(answer: CancelledRequestMessage): Json {
  return messageJson('longrunning.control.v1.CancelByRequestIdResponse', answer as Message);
}

export function payloadJson(any: WireAny): Json {
  return anyJson(domainAny(any));
}
