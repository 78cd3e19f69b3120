import config from '../../../jest.config.js';

/**
 * The contract suite of stores on real servers, which npm run conformance starts and names in the environment.
 *
 * @type {import('jest').Config}
 */
const onServers = {
  ...config,
  rootDir: '../../..',
  testMatch: ['<rootDir>/test/conformance/stores/*.on-server.ts'],
};

export default onServers;
