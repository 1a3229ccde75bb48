import { describeObjectStore } from '../contract/object-store.ts';
import { recordingStore } from './recording-store.ts';

describeObjectStore('the store that tests use', () =>
  Promise.resolve({ store: recordingStore().store, close: () => Promise.resolve() }),
);
