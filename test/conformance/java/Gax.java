import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.httpjson.HttpJsonCallContext;
import com.google.api.gax.longrunning.OperationFuture;
import com.google.api.gax.longrunning.OperationTimedPollAlgorithm;
import com.google.api.gax.retrying.RetrySettings;
import com.google.api.gax.rpc.ApiCallContext;
import com.google.api.gax.rpc.CancelledException;
import com.google.api.gax.rpc.NotFoundException;
import com.google.longrunning.GetOperationRequest;
import com.google.longrunning.ListOperationsRequest;
import com.google.longrunning.Operation;
import com.google.protobuf.Empty;
import com.google.rpc.Code;
import com.google.rpc.Status;
import com.google.storagetransfer.v1.proto.StorageTransferServiceClient;
import com.google.storagetransfer.v1.proto.StorageTransferServiceSettings;
import com.google.storagetransfer.v1.proto.TransferProto.CreateTransferJobRequest;
import com.google.storagetransfer.v1.proto.TransferProto.GetTransferJobRequest;
import com.google.storagetransfer.v1.proto.TransferProto.RunTransferJobRequest;
import com.google.storagetransfer.v1.proto.TransferTypes.PosixFilesystem;
import com.google.storagetransfer.v1.proto.TransferTypes.TransferJob;
import com.google.storagetransfer.v1.proto.TransferTypes.TransferOperation;
import com.google.storagetransfer.v1.proto.TransferTypes.TransferSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** google-cloud-storage-transfer on gax, over one of its transports. */
final class Gax {
  /** What differs between gax's two clients for operations, which share no type. */
  interface Operations {
    void cancel(String name);

    Status errorOf(String name);

    List<String> list(String filter, int pageSize);
  }

  private final StorageTransferServiceClient client;
  private final Operations operations;
  private final String name;
  private final String project;
  private final String root;
  private final List<String> finished = new ArrayList<>();

  private Gax(String name, StorageTransferServiceClient client, Operations operations, String root) {
    this.name = name;
    this.project = "java-" + name;
    this.client = client;
    this.operations = operations;
    this.root = root;
  }

  static void overGrpc(String address, String root) throws Exception {
    StorageTransferServiceSettings.Builder settings = StorageTransferServiceSettings.newBuilder();
    settings.setTransportChannelProvider(
        StorageTransferServiceSettings.defaultGrpcTransportProviderBuilder()
            .setEndpoint(address)
            .setChannelConfigurator((channel) -> channel.usePlaintext())
            .build());
    try (StorageTransferServiceClient client = create(settings)) {
      new Gax("grpc", client, new GrpcOperations(client), root).all();
    }
  }

  static void overHttp(String address, String root) throws Exception {
    StorageTransferServiceSettings.Builder settings = StorageTransferServiceSettings.newHttpJsonBuilder();
    settings.setTransportChannelProvider(
        StorageTransferServiceSettings.defaultHttpJsonTransportProviderBuilder()
            .setEndpoint("http://" + address)
            .build());
    try (StorageTransferServiceClient client = create(settings)) {
      new Gax("http", client, new HttpOperations(client), root).all();
    }
  }

  private static StorageTransferServiceClient create(StorageTransferServiceSettings.Builder settings) throws Exception {
    settings.setCredentialsProvider(NoCredentialsProvider.create());
    // By default it looks after five seconds first.
    RetrySettings polls =
        RetrySettings.newBuilder()
            .setInitialRetryDelayDuration(Duration.ofMillis(20))
            .setRetryDelayMultiplier(1)
            .setMaxRetryDelayDuration(Duration.ofMillis(20))
            .setTotalTimeoutDuration(Duration.ofSeconds(20))
            .build();
    settings.runTransferJobOperationSettings().setPollingAlgorithm(OperationTimedPollAlgorithm.create(polls));
    return StorageTransferServiceClient.create(settings.build());
  }

  private void all() {
    String prefix = "google-cloud-storage-transfer over " + name + ": ";
    Checks.check(prefix + "the future of a run resolves, its metadata counts every file", this::finishesRun);
    Checks.check(prefix + "listOperations iterates over everything once, whatever the page size", this::lists);
    Checks.check(prefix + "cancelOperation of a running transfer ends its future as CANCELLED", this::cancelsRun);
    Checks.check(prefix + "refusals are exceptions of their code, with their ErrorInfo", this::isRefused);
  }

  private void finishesRun() throws Exception {
    for (int run = 0; run < 2; run++) {
      OperationFuture<Empty, TransferOperation> future = start("small", "small-java-" + name + run);
      Checks.equal("response", future.get(), Empty.getDefaultInstance());
      TransferOperation metadata = future.getMetadata().get();
      Checks.equal("status", metadata.getStatus(), TransferOperation.Status.SUCCESS);
      Checks.equal("copied", metadata.getCounters().getObjectsCopiedToSink(), 30L);
      operations.cancel(future.getName());
      finished.add(0, future.getName());
    }
  }

  private void lists() {
    String filter = "{\"projectId\":\"" + project + "\"}";
    Checks.equal("whole", operations.list(filter, 256), finished);
    Checks.equal("paged", operations.list(filter, 1), finished);
  }

  private void cancelsRun() throws Exception {
    OperationFuture<Empty, TransferOperation> future = start("large", "large-java-" + name);
    Checks.until(() -> statusOf(future) == TransferOperation.Status.IN_PROGRESS);
    operations.cancel(future.getName());
    ExecutionException ended = Checks.thrown(ExecutionException.class, future::get);
    Checks.equal("cause", ended.getCause().getClass(), CancelledException.class);
    Status error = operations.errorOf(future.getName());
    Checks.equal("code", error.getCode(), Code.CANCELLED_VALUE);
    Checks.contains(error.getMessage(), future.getName());
  }

  private void isRefused() throws Exception {
    GetTransferJobRequest request =
        GetTransferJobRequest.newBuilder().setJobName("transferJobs/missing").setProjectId(project).build();
    NotFoundException refusal = Checks.thrown(NotFoundException.class, () -> client.getTransferJob(request));
    // Over HTTP it does not read them, and has their text.
    if (refusal.getErrorDetails() == null) {
      Checks.contains(refusal.getCause().getMessage(), "\"TRANSFER_JOB_NOT_FOUND\"");
      return;
    }
    Checks.equal("reason", refusal.getReason(), "TRANSFER_JOB_NOT_FOUND");
    Checks.equal("domain", refusal.getDomain(), "storagetransfer.googleapis.com");
    Checks.equal("job", refusal.getMetadata().get("transferJob"), "transferJobs/missing");
  }

  private OperationFuture<Empty, TransferOperation> start(String source, String sink) {
    TransferSpec spec =
        TransferSpec.newBuilder()
            .setPosixDataSource(PosixFilesystem.newBuilder().setRootDirectory(root + "/" + source))
            .setPosixDataSink(PosixFilesystem.newBuilder().setRootDirectory(root + "/" + sink))
            .build();
    TransferJob job =
        client.createTransferJob(
            CreateTransferJobRequest.newBuilder()
                .setTransferJob(
                    TransferJob.newBuilder()
                        .setProjectId(project)
                        .setStatus(TransferJob.Status.ENABLED)
                        .setTransferSpec(spec))
                .build());
    return client.runTransferJobAsync(
        RunTransferJobRequest.newBuilder().setJobName(job.getName()).setProjectId(project).build());
  }

  private static TransferOperation.Status statusOf(OperationFuture<Empty, TransferOperation> future) throws Exception {
    return future.peekMetadata() == null ? null : future.peekMetadata().get().getStatus();
  }

  private static ListOperationsRequest listRequest(String filter, int pageSize) {
    return ListOperationsRequest.newBuilder()
        .setName("transferOperations")
        .setFilter(filter)
        .setPageSize(pageSize)
        .build();
  }

  private static List<String> names(Iterable<Operation> operations) {
    List<String> names = new ArrayList<>();
    operations.forEach((operation) -> names.add(operation.getName()));
    return names;
  }

  private record GrpcOperations(StorageTransferServiceClient client) implements Operations {
    @Override
    public void cancel(String name) {
      client.getOperationsClient().cancelOperation(name);
    }

    @Override
    public Status errorOf(String name) {
      return client.getOperationsClient().getOperation(name).getError();
    }

    @Override
    public List<String> list(String filter, int pageSize) {
      return names(client.getOperationsClient().listOperations(listRequest(filter, pageSize)).iterateAll());
    }
  }

  private record HttpOperations(StorageTransferServiceClient client) implements Operations {
    /** It knows no type that errors have details of, and cannot read an operation with them. */
    private static final ApiCallContext WITHOUT_DETAILS =
        HttpJsonCallContext.createDefault()
            .withExtraHeaders(Map.of("X-Goog-FieldMask", List.of("name,done,error(code,message)")));

    @Override
    public void cancel(String name) {
      client.getHttpJsonOperationsClient().cancelOperation(name);
    }

    @Override
    public Status errorOf(String name) {
      GetOperationRequest request = GetOperationRequest.newBuilder().setName(name).build();
      return client.getHttpJsonOperationsClient().getOperationCallable().call(request, WITHOUT_DETAILS).getError();
    }

    @Override
    public List<String> list(String filter, int pageSize) {
      return names(client.getHttpJsonOperationsClient().listOperations(listRequest(filter, pageSize)).iterateAll());
    }
  }
}
