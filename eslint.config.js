import { builtinModules } from 'node:module';

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What no file may be called: these say nothing of what is inside (STYLE: names). */
const EMPTY_NAMES = '(utils?|common|helpers?|misc|shared|index|base)';

/** Syntax that the style forbids and no rule of its own covers. */
const FORBIDDEN_SYNTAX = [
  {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name: a default export has a different name in each file.',
  },
  { selector: 'ExportAllDeclaration', message: 'No barrel files: import from the file that holds the thing.' },
  {
    selector: 'TSEnumDeclaration',
    message: 'Use a union or a frozen object: Node strips types and cannot run an enum.',
  },
];

/** Node's modules that can also be named without `node:`; the newer ones cannot. */
const UNPREFIXED_MODULES = builtinModules.filter((name) => !name.startsWith('node:'));

const FORBIDDEN_IMPORTS = {
  patterns: [
    { regex: `/${EMPTY_NAMES}(\\.[a-z]+)?\\.ts$`, message: 'A file is named after what it holds.' },
    {
      regex: '^\\.{1,2}/.*(?<!\\.(ts|json))$',
      message: 'A relative import ends in .ts: Node runs the sources as they are.',
    },
    { regex: `^(${UNPREFIXED_MODULES.join('|')})(/|$)`, message: 'Write the node: prefix.' },
  ],
};

/** Reports a file whose name is one of EMPTY_NAMES. */
const fileNameRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { empty: '{{name}} says nothing: name the file after what it holds.' },
  },
  create(context) {
    const name = context.filename.split('/').at(-1);
    if (!new RegExp(`^${EMPTY_NAMES}\\.`).test(name)) return {};
    return { Program: (node) => context.report({ node, messageId: 'empty', data: { name } }) };
  },
};

export default defineConfig(
  globalIgnores(['dist/', 'package/', 'data/', 'coverage/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house: { rules: { 'file-name': fileNameRule } } },
    rules: {
      'house/file-name': 'error',
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-params': 'off',
      '@typescript-eslint/max-params': ['error', { max: 4 }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...FORBIDDEN_SYNTAX],
      'no-restricted-imports': ['error', FORBIDDEN_IMPORTS],
      'no-warning-comments': ['error', { terms: ['fixme', 'xxx', 'hack'], location: 'start' }],
      eqeqeq: ['error', 'always'],
      'object-shorthand': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // `void promise` is how the style says that nobody waits for it.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Numbers in messages are normal; objects stay forbidden.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A handler that rejects with a signal's reason rethrows what it was given.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowRethrowing: true, allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      // An index signature is read with brackets (tsconfig: noPropertyAccessFromIndexSignature).
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
    },
  },
  {
    // These write to a terminal or start the process.
    files: ['src/main.ts', 'src/cli/**/*.ts', 'bench/**/*.ts', 'test/conformance/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      // A test double answers a promise without waiting for one, and a stub may do nothing.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        module: 'writable',
        process: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
);
