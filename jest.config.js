import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Threads and processes that tests start find what others have compiled: a third of their CPU time. The sidecar does the same for its own.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');

/**
 * Tests are ES modules: `npm test` passes --experimental-vm-modules, without which Jest cannot load packages that are
 * ES modules only. The transform only removes types; Node itself does the same for a thread or a process that a test
 * starts, as those run outside Jest.
 *
 * @type {import('jest').Config}
 */
const config = {
  testEnvironment: '<rootDir>/test/node-environment.js',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/dist/', '<rootDir>/package/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/package/', '<rootDir>/data/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, sourceMaps: 'inline' }],
  },
  maxWorkers: 2,
  // A bound on what hangs, not on what is slow: syncs wait for everybody who writes to the same disk.
  testTimeout: 300_000,
};

export default config;
