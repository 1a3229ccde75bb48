import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDueHeap } from '../../local/due-heap.ts';

it('always has first what is due first, whatever is added, moved and removed', () => {
  const step = fc.record({
    what: fc.constantFrom('add', 'move', 'remove'),
    item: fc.nat(19),
    dueAt: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const heap = createDueHeap<{ dueAt: number; order: number }>();
      const items = Array.from({ length: 20 }, (_, order) => ({ dueAt: 0, order }));
      const present = new Set<(typeof items)[number]>();
      for (const { what, item: place, dueAt } of steps) {
        const item = items[place]!;
        if (what === 'remove') {
          heap.remove(item);
          present.delete(item);
        } else if (present.has(item)) heap.move(item, dueAt);
        else {
          item.dueAt = dueAt;
          heap.add(item);
          present.add(item);
        }

        const [first] = [...present].sort((a, b) => a.dueAt - b.dueAt || a.order - b.order);
        expect(heap.first()).toBe(first);
      }
    }),
  );
});
