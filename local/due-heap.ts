/** Something that is due at a time, in milliseconds; what is due at the same time comes in its order. */
export type Due = { dueAt: number; order: number };

/** Items by when they are due. Every operation takes logarithmic time. An item's time may change only here. */
export type DueHeap<T extends Due> = {
  add: (item: T) => void;
  /** The item that is due first. */
  first: () => T | undefined;
  /** Takes an item out; nothing happens when it is not in. */
  remove: (item: T) => void;
  /** Gives an item another time. */
  move: (item: T, dueAt: number) => void;
};

/** An empty heap: a binary tree in an array, with each item's place beside it so that any item can be taken out. */
export function createDueHeap<T extends Due>(): DueHeap<T> {
  const items: T[] = [];
  const places = new Map<T, number>();

  function put(item: T, place: number): void {
    items[place] = item;
    places.set(item, place);
  }

  function rise(item: T, from: number): void {
    let place = from;
    while (place > 0) {
      const parent = items[(place - 1) >> 1];
      if (parent === undefined || !isBefore(item, parent)) break;
      put(parent, place);
      place = (place - 1) >> 1;
    }
    put(item, place);
  }

  function sink(item: T, from: number): void {
    let place = from;
    for (;;) {
      const [left, right] = [items[2 * place + 1], items[2 * place + 2]];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, item)) break;
      const childPlace = child === left ? 2 * place + 1 : 2 * place + 2;
      put(child, place);
      place = childPlace;
    }
    put(item, place);
  }

  function remove(item: T): void {
    const place = places.get(item);
    if (place === undefined) return;
    places.delete(item);
    const last = items.pop();
    if (last === undefined || last === item) return;
    sink(last, place);
    rise(last, places.get(last) ?? place);
  }

  function add(item: T): void {
    rise(item, items.length);
  }

  return {
    add,
    first: () => items[0],
    remove,
    move: (item, dueAt) => {
      remove(item);
      item.dueAt = dueAt;
      add(item);
    },
  };
}

function isBefore(one: Due, other: Due): boolean {
  return one.dueAt === other.dueAt ? one.order < other.order : one.dueAt < other.dueAt;
}
