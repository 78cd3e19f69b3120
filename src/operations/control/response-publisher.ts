import type { Any } from '../../core/any.ts';
import type { Operation } from '../operation.ts';
import type { ResourceChange } from '../resource.ts';

/**
 * What the response of work of a kind is beside the operation's result: resources that are created as the operation ends, in the same
 * transaction. Pure.
 *
 * The resources are this operation's own: nobody else ever creates one of their names.
 * @throws StatusError INVALID_ARGUMENT for a response that such work cannot end with; then the operation has not ended.
 */
export type ResponsePublisher = (operation: Operation, response: Any, now: number) => readonly ResourceChange[];
