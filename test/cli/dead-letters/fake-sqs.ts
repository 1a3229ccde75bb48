import {
  ChangeMessageVisibilityBatchCommand,
  type ChangeMessageVisibilityBatchCommandInput,
  DeleteMessageCommand,
  type DeleteMessageCommandInput,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { type Fault } from '../../../functions/thread-queue/fault.ts';
import { virtualClock } from '../../support/virtual-clock.ts';

export const QUEUES = {
  deadLetterQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/dead-letters',
  threadQueueUrl: 'https://sqs.eu-central-1.amazonaws.com/1/threads',
};

type Letter = { id: string; body: string; fault: Fault | undefined; sentAt: number; visibleAt: number };

/**
 * A dead-letter queue that hides what it gives out, as SQS does, and a thread queue that takes bodies. Every call takes
 * `callMs`; the one that `failAt` counts fails before it does anything, or after it has done it all.
 */
export function fakeSqs() {
  const clock = virtualClock(1_800_000_000_000);
  const sqs = mockClient(SQSClient);
  const state = {
    letters: [] as Letter[],
    threadQueue: [] as { body: string; at: number }[],
    callMs: 20,
    calls: 0,
    failAt: undefined as { call: number; isDone: boolean } | undefined,
  };
  const visible = () => state.letters.filter(({ visibleAt }) => visibleAt <= clock.now());

  function receive({ MaxNumberOfMessages, VisibilityTimeout = 30 }: ReceiveMessageCommandInput) {
    const taken = visible().slice(0, MaxNumberOfMessages);
    for (const letter of taken) letter.visibleAt = clock.now() + VisibilityTimeout * 1000;
    const Messages = taken.map(({ id, body, fault, sentAt, visibleAt }) => ({
      MessageId: id,
      // A new one for each time.
      ReceiptHandle: `${id}/${visibleAt}`,
      Body: body,
      Attributes: { SentTimestamp: String(sentAt) },
      MessageAttributes: Object.fromEntries(
        Object.entries(fault ?? {}).map(([name, value]) => [name, { StringValue: String(value) }]),
      ),
    }));
    return Messages.length === 0 ? {} : { Messages };
  }

  const isHeldBy = (handle: string | undefined) => (letter: Letter) =>
    handle === `${letter.id}/${letter.visibleAt}`;
  const answers = {
    receive,
    send: ({ QueueUrl, MessageBody }: SendMessageCommandInput) => {
      if (QUEUES.threadQueueUrl !== QueueUrl) throw new Error(`sent to ${QueueUrl}`);
      state.threadQueue.push({ body: MessageBody!, at: clock.now() });
      return {};
    },
    remove: ({ ReceiptHandle }: DeleteMessageCommandInput) => {
      const held = state.letters.findIndex(isHeldBy(ReceiptHandle));
      if (held === -1) throw new Error('ReceiptHandleIsInvalid');
      state.letters.splice(held, 1);
      return {};
    },
    giveBack: ({ Entries = [] }: ChangeMessageVisibilityBatchCommandInput) => {
      for (const { ReceiptHandle, VisibilityTimeout = 0 } of Entries) {
        const letter = state.letters.find(isHeldBy(ReceiptHandle));
        if (letter !== undefined) letter.visibleAt = clock.now() + VisibilityTimeout * 1000;
      }
      return {};
    },
    count: () => ({
      Attributes: {
        ApproximateNumberOfMessagesNotVisible: String(state.letters.length - visible().length),
      },
    }),
  };
  async function call<T>(answer: () => T): Promise<T> {
    await clock.sleep(state.callMs);
    const { failAt } = state;
    const fails = failAt?.call === ++state.calls;
    if (fails && !failAt.isDone) throw new Error('no connection');
    const result = answer();
    if (fails) throw new Error('no connection');
    return result;
  }
  // The mock types what it passes as any.
  const fake =
    <Input>(answer: (input: Input) => object) =>
    (input: Input) =>
      call(() => answer(input));
  sqs.on(ReceiveMessageCommand).callsFake(fake(answers.receive));
  sqs.on(SendMessageCommand).callsFake(fake(answers.send));
  sqs.on(DeleteMessageCommand).callsFake(fake(answers.remove));
  sqs.on(ChangeMessageVisibilityBatchCommand).callsFake(fake(answers.giveBack));
  sqs.on(GetQueueAttributesCommand).callsFake(fake(answers.count));

  return {
    client: new SQSClient({ region: 'eu-central-1' }),
    clock,
    state,
    visible,
    /** Puts a letter into the dead-letter queue. */
    bury: (body: string, fault?: Fault, sentAt = clock.now()) => {
      state.letters.push({ id: `letter-${state.letters.length}`, body, fault, sentAt, visibleAt: 0 });
    },
  };
}
