/** Who says a line of a script. */
export type Speaker = 'visitor' | 'agent' | 'bot';
/** One conversation, with `{slots}` for names and numbers. */
export type Script = {
  title: string;
  subject: string;
  lines: readonly { by: Speaker; text: string }[];
  /** What an agent might note internally about it. */
  note: string;
};

/** The conversations that the simulated account has, of different lengths and in several languages. */
export const SCRIPTS: readonly Script[] = [
  script('late parcel', 'Where is order {order}?', 'Carrier lost it twice this month, tell purchasing.', [
    'visitor: Hi, my order {order} was due on {day} and tracking has not moved since.',
    'bot: Thanks {first}! I am looking for somebody who can help. Is {order} the right number?',
    'visitor: Yes, that one. It goes to {city}.',
    'agent: Hello {first}, {agent} here. The parcel left our warehouse on time; the carrier has no scan after that.',
    'visitor: So is it lost?',
    'agent: It looks like it. I have sent a second one by express, free of charge. It will be with you on {day}.',
    'visitor: That is great, thank you! 🎉',
    'agent: You are welcome. I will watch the tracking and write again when it is delivered.',
  ]),
  script('invoice question', 'Invoice {invoice}', 'VAT number was missing in the CRM, added it.', [
    'visitor: Our accountant says invoice {invoice} over {amount} has no VAT number on it. Could you correct it?',
    'agent: Good morning {first}. I can. Which VAT number should be on it for {company}?',
    'visitor: ESB12345674, same address as before.',
    'agent: Done, the corrected invoice is attached. The old one is cancelled.',
    'visitor: Perfect, thanks for being so quick.',
  ]),
  script('password reset', 'Cannot sign in', 'Third reset this quarter. Offer single sign-on.', [
    'visitor: I cannot sign in, and the reset mail never arrives.',
    'bot: Sorry about that. Have you looked into the spam folder?',
    'visitor: Yes. Nothing.',
    'agent: I see the mail bounced: your mailbox was full until this morning. I have just sent a new one.',
    'visitor: Got it, I am in. Thanks!',
  ]),
  script('refund', 'Refund for {order}', 'Within 30 days, approved.', [
    'visitor: I sent the {product} back two weeks ago and still have no refund.',
    'agent: Let me check with the warehouse, {first}. One moment please.',
    'agent: It arrived on {day} but nobody booked it in. My apologies!',
    'visitor: And when will I see the money?',
    'agent: {amount} are on the way to your card now; banks take three to five days.',
    'visitor: Okay. I will write again if not.',
    'agent: Please do, and quote {order}.',
  ]),
  script('demo request', 'Demo for {company}', 'Budget holder, decision before the end of the quarter.', [
    'visitor: We are 40 people at {company} and compare tools. Can we have a demo?',
    'agent: Gladly! What matters most to you?',
    'visitor: Shift planning on phones, and an export for payroll.',
    'agent: Both are easy to show in half an hour. Would {day} at 10:00 suit you?',
    'visitor: 11:00 would be better. Three of us would join.',
    'agent: Booked, the invitation is in your mailbox. Anything you want to see first?',
    'visitor: How holidays are approved.',
    'agent: Noted. Until {day}!',
  ]),
  script(
    'bug report',
    'Export is empty',
    'Reproduced; time zone of the report is UTC, of the roster local.',
    [
      'visitor: The payroll export is empty since the last update.',
      'agent: Thank you for telling us. Which period do you export, and in which browser?',
      'visitor: Last month, Firefox. My colleague with Chrome has the same.\nSteps:\n1. Reports\n2. Payroll\n3. "Export"',
      'agent: I can see it here too. It happens when the month begins on a Sunday. Our developers are on it.',
      'visitor: Is there a way round? Salaries are due on {day}.',
      'agent: Choose the dates by hand, from the 1st to the last day: that export is complete.',
      'visitor: Works. Thanks.',
      'agent: The fix is live now. Could you try the normal export once more?',
      'visitor: Full again 👍',
    ],
  ),
  script('shift planning', 'Swap of a shift', 'Consider the self-service training for them.', [
    'visitor: How can two people swap a shift without asking me each time?',
    'agent: Settings › Rosters › "Swaps need approval": switch it off for the teams you trust.',
    'visitor: And can I limit it to the same role?',
    'agent: Yes, it is the line below.',
    'visitor: Found it, lovely.',
  ]),
  script('warranty', 'Warranty for {product}', 'Serial number is in range of the recall.', [
    'visitor: The hinge of my {product} broke after seven months. Is that covered?',
    'agent: Two years, so yes. Could you send a photo and the serial number?',
    'visitor: Photo attached. Serial number {order}.',
    'agent: Thank you. A new hinge leaves today, with a small tool and a sheet on how to fit it.',
    'visitor: And if I cannot fit it?',
    'agent: Then we collect it from {city} and do it for you.',
    'visitor: I will try. Thanks {agent}!',
  ]),
  script('cancel subscription', 'Kündigung', 'Win-back call in three months.', [
    'visitor: Guten Tag, wir möchten unser Abo zum Monatsende kündigen.',
    'agent: Guten Tag {first}, das bedauere ich. Darf ich nach dem Grund fragen?',
    'visitor: Wir schließen die Filiale in {city}. Mit Ihnen hat das nichts zu tun – im Gegenteil, großes Lob!',
    'agent: Danke! Die Kündigung zum Monatsende ist bestätigt, {amount} erstatten wir anteilig.',
    'visitor: Vielen Dank und alles Gute.',
  ]),
  script('change of address', 'Cambio de dirección', 'Actualizada en facturación y envíos.', [
    'visitor: ¡Hola! Nos mudamos a {city} el {day}. ¿Pueden cambiar la dirección de {company}?',
    'agent: ¡Claro! ¿Me pasa la calle y el código postal?',
    'visitor: Calle del Ejemplo 12, 3.º izquierda, 29001.',
    'agent: Hecho. Los próximos envíos irán allí.',
    'visitor: ¡Muchas gracias, {agent}! 😊',
    'agent: A usted. Que vaya bien la mudanza.',
  ]),
  script('opening hours', 'ساعات العمل', 'Answered from the knowledge base.', [
    'visitor: مرحبًا، هل أنتم مفتوحون يوم {day}؟',
    'bot: أهلًا {first}! نعم، من 9:00 إلى 18:00.',
    'visitor: شكرًا جزيلًا 🙏',
  ]),
  script('bulk order', 'Quote for {product}', 'Discount of 12 % is the limit without approval.', [
    'visitor: What would 250 pieces ({product}) cost, delivered to {city}?',
    'agent: Good question, let me ask our warehouse what we have in stock.',
    'agent: 180 at once and the rest on {day}. At 250 you have 12 % off: {amount} in total.',
    'visitor: Can you do 15 %?',
    'agent: If you order before the end of the week I can include delivery, which comes to about the same.',
    'visitor: Let me talk to my boss.',
    'visitor: She says yes. Please send the order form.',
    'agent: It is attached. Thank you, {first}!',
    'visitor: Signed and returned.',
    'agent: Received. Your order number is {order}.',
    'visitor: 👌',
  ]),
  script('data request', 'What do you store about me?', 'Legal: answer within one month.', [
    'visitor: Under the GDPR I would like a copy of all data you hold about me.',
    'agent: Of course. May I confirm that {email} is the address it is about?',
    'visitor: It is the only one.',
    'agent: The export is being prepared; you will receive it within a week.',
  ]),
  script('accessibility', 'Keyboard use', 'Good catch, goes to the design team.', [
    'visitor: I work with a screen reader and the calendar cannot be reached by keyboard.',
    'agent: Thank you for writing, and I am sorry. Which screen reader do you use?',
    'visitor: NVDA with Firefox. The grid is announced as "blank, blank, blank".',
    'agent: That helps a lot. We have opened a ticket and will tell you when it is released.',
    'visitor: Please do, I am happy to test.',
    'agent: It is released today. Could you try the calendar again?',
    'visitor: Arrow keys work, days are announced. Well done!',
  ]),
];

function script(title: string, subject: string, note: string, lines: readonly string[]): Script {
  return { title, subject, note, lines: lines.map(readLine) };
}

function readLine(line: string): { by: Speaker; text: string } {
  const [speaker, text] = [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)];
  if (speaker === 'visitor' || speaker === 'agent' || speaker === 'bot') return { by: speaker, text };
  throw new Error(`line of a script does not say who speaks: ${line}`);
}
