import { describeObjectStore } from '../contract/object-store.ts';
import { recordingStore } from './recording-store.ts';

describeObjectStore('the store that tests use', () => {
  const { store, eraser } = recordingStore();
  return Promise.resolve({ store, eraser, close: () => Promise.resolve() });
});
