import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import { anyOf, LongrunningClient, OperationOwner } from 'longrunning';
import { definitions, encode } from '../reports/messages.js';
import { renderReport } from './render-report.js';

const [address = '127.0.0.1:50052', sidecar = '127.0.0.1:50051'] = process.argv.slice(2);
const kind = 'reports.render';
const hold = { leaseDurationMs: 3000 };

const client = new LongrunningClient(sidecar);
const owner = new OperationOwner(client, {
  onEnd: ({ name, kind: how, error = '', loss = '' }) => console.log(`${name} ${how}`, error, loss),
});

const { ReportService } = loadPackageDefinition(definitions).acme.reports.v1;
const server = new Server();
server.addService(ReportService.service, {
  renderReport: (call, respond) => {
    const type = 'acme.reports.v1.RenderReportRequest';
    const request = anyOf(type, encode(type, call.request));
    owner.own({ kind, request, hold }, renderReport).then(({ operation }) => respond(null, operation), respond);
  },
});

// What an earlier process of this service, or another one, has left unfinished.
const stopping = new AbortController();
const takingOver = owner.takeOver({ kind, slotCount: 4, signal: stopping.signal }, renderReport);

server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening on ${port}`);
});

process.once('SIGTERM', async () => {
  stopping.abort();
  await takingOver;
  await owner.drain(10_000);
  client.close();
  server.tryShutdown(() => undefined);
});
