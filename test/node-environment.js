import { TestEnvironment } from 'jest-environment-node';

/** Built-in classes whose objects Node hands to a test: errors of system calls, and what comes from another thread. */
const SHARED_CLASSES = ['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError', 'Map', 'Set', 'Date'];

/**
 * Jest runs each test file in a realm of its own, with its own Error, while Node's modules stay outside. Without this
 * `error instanceof Error` is false in a test for a failed system call, and true for the same call in production.
 */
export default class NodeEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    for (const name of SHARED_CLASSES) acceptInstancesOf(globalThis[name], this.global[name]);
  }
}

function acceptInstancesOf(outer, inner) {
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(inner, Symbol.hasInstance, {
    configurable: true,
    value(candidate) {
      return isInstance.call(this, candidate) || (this === inner && candidate instanceof outer);
    },
  });
}
