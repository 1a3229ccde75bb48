import tseslint from 'typescript-eslint';

/**
 * Who may import what: the arrows of docs/architecture.md, one entry each.
 * `group` takes gitignore-like patterns of the import's text.
 */
const forbid = (message, ...group) => ({ group, message });

const AWS_SDK_ONLY_AT_THE_EDGE = forbid(
  'Only an entry, s3-store.ts, s3-versions.ts, s3-eraser.ts, s3-legal-hold.ts, s3-changes.ts, kms-signer.ts, sqs.ts and secrets.ts talk to AWS.',
  '@aws-sdk/*',
);
const MIDDLEWARE_ONLY_IN_ENTRIES = forbid(
  'Only a Lambda entry knows middy, Powertools and Lambda event types.',
  '@middy/*',
  '@aws-lambda-powertools/*',
  'aws-lambda',
);
const NO_HOST_CODE = forbid(
  'functions/ runs in Lambda: it knows neither the stack nor the laptop.',
  '**/cdk/**',
  '**/cli/**',
  '**/local/**',
);

const restrictImports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default tseslint.config(
  { ignores: ['node_modules/', 'cdk.out/', 'coverage/', 'archive/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/method-signature-style': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, varsIgnorePattern: '^_' }],
      // noPropertyAccessFromIndexSignature asks for the brackets that this rule would take away.
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['functions/**/*.ts'],
    rules: restrictImports(NO_HOST_CODE, MIDDLEWARE_ONLY_IN_ENTRIES, AWS_SDK_ONLY_AT_THE_EDGE),
  },
  {
    files: [
      'functions/archive/s3-*.ts',
      'functions/digest/s3-changes.ts',
      'functions/digest/kms-signer.ts',
      'functions/erase/s3-eraser.ts',
      'functions/holds/s3-legal-hold.ts',
      'functions/thread-queue/sqs.ts',
      'functions/secrets.ts',
    ],
    rules: restrictImports(NO_HOST_CODE, MIDDLEWARE_ONLY_IN_ENTRIES),
  },
  { files: ['functions/*.ts'], rules: restrictImports(NO_HOST_CODE) },
  {
    files: ['functions/hubspot/**/*.ts'],
    rules: restrictImports(
      NO_HOST_CODE,
      MIDDLEWARE_ONLY_IN_ENTRIES,
      AWS_SDK_ONLY_AT_THE_EDGE,
      forbid('hubspot/ knows nothing of the archive: an entry joins the two.', '**/archive/**'),
    ),
  },
  {
    files: ['cdk/**/*.ts'],
    rules: restrictImports(forbid('The stack is for AWS alone.', '**/cli/**', '**/local/**')),
  },
  {
    files: ['local/**/*.ts'],
    rules: restrictImports(
      forbid('The commands know the folder home, and not the other way round.', '**/cli/**'),
    ),
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // Fixtures are built with types on the left; a test may still say what a parsed answer is.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'as' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // expect.stringContaining and its like are typed any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
);
