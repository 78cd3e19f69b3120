import { expect, test } from '@jest/globals';
import { parseCors } from '../../src/config/cors.ts';

test.each<[unknown, readonly string[]]>([
  [undefined, []],
  [
    { origins: ['https://console.example.com', 'http://localhost:3000'] },
    ['https://console.example.com', 'http://localhost:3000'],
  ],
  [{ origins: ['*'] }, ['*']],
])('%j allows %j', (given, origins) => {
  expect(parseCors(given)).toEqual(origins);
});

test.each<[unknown, string]>([
  [[], 'cors: must be a mapping'],
  [{}, 'cors.origins: must be a list'],
  [{ origins: [] }, 'cors.origins: must be a list'],
  [{ origin: 'https://a.example' }, 'cors: there is no origin'],
  [{ origins: ['https://a.example/'] }, 'cors.origins[0]: must be *'],
  [{ origins: ['*', 'a.example'] }, 'cors.origins[1]: must be *'],
  [{ origins: [7] }, 'cors.origins[0]: must be *'],
])('%j is refused by name', (given, message) => {
  expect(() => parseCors(given)).toThrow(message);
});
