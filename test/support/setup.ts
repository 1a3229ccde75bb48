import net from 'node:net';

// Tests reach this machine and nothing else: a forgotten stub must fail, not call AWS or HubSpot.
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const connect = Object.getOwnPropertyDescriptor(net.Socket.prototype, 'connect')?.value as typeof net.connect;

function guardedConnect(this: net.Socket, ...args: unknown[]): net.Socket {
  const [options] = [args[0]].flat() as [net.TcpNetConnectOpts | undefined];
  const host = typeof options === 'object' ? (options.host ?? 'localhost') : 'localhost';
  if (!LOOPBACK.has(host)) throw new Error(`a test tried to reach ${host}`);
  return Reflect.apply(connect, this, args) as net.Socket;
}

Object.assign(net.Socket.prototype, { connect: guardedConnect });
