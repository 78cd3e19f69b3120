// What people do with cloud.google.com/go/storagetransfer and cloud.google.com/go/longrunning, against the sidecar.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"cloud.google.com/go/longrunning/autogen/longrunningpb"
	transfer "cloud.google.com/go/storagetransfer/apiv1"
	"cloud.google.com/go/storagetransfer/apiv1/storagetransferpb"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const (
	project    = "golang"
	smallCount = 30
	largeBytes = 128 << 20
	missing    = "transferOperations/missing"
)

var root = os.Getenv("SIDECAR_ROOT")

type walk struct {
	ctx     context.Context
	conn    *grpc.ClientConn
	client  *transfer.Client
	project string
}

func main() {
	// Every call of the walk together; the suite's own timeout is behind it.
	ctx, cancel := context.WithTimeout(context.Background(), 400*time.Second)
	defer cancel()
	conn, client, err := dial(ctx, os.Getenv("SIDECAR_ADDRESS"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	w := walk{ctx, conn, client, project}
	w.jobs()
	w.finishedRun()
	w.stoppedRun()
	w.pausedRun()
	w.lists()
	w.refusals()
	w.unixSocket()
	w.health()
	w.overHTTP()
	w.drain()
}

func dial(ctx context.Context, target string) (*grpc.ClientConn, *transfer.Client, error) {
	conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, err
	}
	client, err := transfer.NewClient(ctx, option.WithGRPCConn(conn))
	return conn, client, err
}

func (w walk) newJob(source, sink string) *storagetransferpb.TransferJob {
	from := &storagetransferpb.PosixFilesystem{RootDirectory: root + "/" + source}
	to := &storagetransferpb.PosixFilesystem{RootDirectory: root + "/" + sink}
	return &storagetransferpb.TransferJob{
		ProjectId: w.project,
		Status:    storagetransferpb.TransferJob_ENABLED,
		TransferSpec: &storagetransferpb.TransferSpec{
			DataSource: &storagetransferpb.TransferSpec_PosixDataSource{PosixDataSource: from},
			DataSink:   &storagetransferpb.TransferSpec_PosixDataSink{PosixDataSink: to},
		},
	}
}

func (w walk) create(source, sink string) (*storagetransferpb.TransferJob, error) {
	return w.client.CreateTransferJob(w.ctx, &storagetransferpb.CreateTransferJobRequest{TransferJob: w.newJob(source, sink)})
}

func (w walk) get(name string) (*storagetransferpb.TransferJob, error) {
	return w.client.GetTransferJob(w.ctx, &storagetransferpb.GetTransferJobRequest{JobName: name, ProjectId: w.project})
}

func (w walk) run(job string) (*transfer.RunTransferJobOperation, error) {
	return w.client.RunTransferJob(w.ctx, &storagetransferpb.RunTransferJobRequest{JobName: job, ProjectId: w.project})
}

func (w walk) filter() string {
	return fmt.Sprintf(`{"projectId":%q}`, w.project)
}

// start creates a job and runs it.
func (w walk) start(source, sink string) (*storagetransferpb.TransferJob, *transfer.RunTransferJobOperation, error) {
	job, err := w.create(source, sink)
	if err != nil {
		return nil, nil, err
	}
	operation, err := w.run(job.Name)
	return job, operation, err
}

// ended waits for the end of a run, and reads its metadata.
func (w walk) ended(operation *transfer.RunTransferJobOperation) (*storagetransferpb.TransferOperation, error) {
	if err := operation.Wait(w.ctx); err != nil {
		return nil, err
	}
	return operation.Metadata()
}

// copiesAllSmall demands that a run of the small files ends with all of them copied.
func (w walk) copiesAllSmall(operation *transfer.RunTransferJobOperation) error {
	metadata, err := w.ended(operation)
	if err != nil {
		return err
	}
	return errors.Join(
		equal("status", metadata.Status, storagetransferpb.TransferOperation_SUCCESS),
		equal("copied", metadata.Counters.ObjectsCopiedToSink, int64(smallCount)),
	)
}

func (w walk) cancel(name string) error {
	return w.client.LROClient.CancelOperation(w.ctx, &longrunningpb.CancelOperationRequest{Name: name})
}

func (w walk) operation(name string) (*longrunningpb.Operation, error) {
	return w.client.LROClient.GetOperation(w.ctx, &longrunningpb.GetOperationRequest{Name: name})
}

func (w walk) wait(name string, timeout *durationpb.Duration) (*longrunningpb.Operation, error) {
	return w.client.LROClient.WaitOperation(w.ctx, &longrunningpb.WaitOperationRequest{Name: name, Timeout: timeout})
}

func (w walk) isStatus(name string, status storagetransferpb.TransferOperation_Status) func() (bool, error) {
	return func() (bool, error) {
		operation, err := w.operation(name)
		if err != nil {
			return false, err
		}
		metadata, err := metadataOf(operation)
		return err == nil && metadata.Status == status, err
	}
}

func metadataOf(operation *longrunningpb.Operation) (*storagetransferpb.TransferOperation, error) {
	metadata := &storagetransferpb.TransferOperation{}
	return metadata, operation.Metadata.UnmarshalTo(metadata)
}

func (w walk) jobs() {
	check("CreateTransferJob, GetTransferJob and UpdateTransferJob agree on the job", func() error {
		job, err := w.create("small", "small-go")
		if err != nil {
			return err
		}
		stored, err := w.get(job.Name)
		if err != nil || !proto.Equal(stored, job) {
			return fmt.Errorf("%v: %v is not %v", err, stored, job)
		}
		updated, err := w.client.UpdateTransferJob(w.ctx, &storagetransferpb.UpdateTransferJobRequest{
			JobName:                    job.Name,
			ProjectId:                  w.project,
			TransferJob:                &storagetransferpb.TransferJob{Description: "changed"},
			UpdateTransferJobFieldMask: &fieldmaskpb.FieldMask{Paths: []string{"description"}},
		})
		if err != nil {
			return err
		}
		return errors.Join(
			equal("description", updated.Description, "changed"),
			equal("status", updated.Status, storagetransferpb.TransferJob_ENABLED),
		)
	})
}

func (w walk) finishedRun() {
	check("Wait of a run returns without an error, and Metadata counts every file", func() error {
		_, operation, err := w.start("small", "small-go")
		if err != nil {
			return err
		}
		return errors.Join(w.copiesAllSmall(operation), equal("done", operation.Done(), true), w.cancel(operation.Name()))
	})
	check("an operation found again by its name is done, and can be waited for", func() error {
		_, operation, err := w.start("small", "small-go")
		if err != nil {
			return err
		}
		found := w.client.RunTransferJobOperation(operation.Name())
		if err := found.Wait(w.ctx); err != nil {
			return err
		}
		return equal("done", found.Done(), true)
	})
}

func (w walk) stoppedRun() {
	job, operation, err := w.start("large", "large-go")
	check("a run that goes on is not done after Poll", func() error {
		if err != nil {
			return err
		}
		if err := until(w.isStatus(operation.Name(), storagetransferpb.TransferOperation_IN_PROGRESS)); err != nil {
			return err
		}
		return errors.Join(operation.Poll(w.ctx), equal("done", operation.Done(), false))
	})
	if err != nil {
		return
	}
	name := operation.Name()
	check("a second run of the same job is ABORTED, naming the operation that is not done", func() error {
		_, err := w.run(job.Name)
		return refused(err, codes.Aborted, "TRANSFER_JOB_HAS_ACTIVE_OPERATION", "transferJob", job.Name, "transferOperation", name)
	})
	check("WaitOperation answers the running operation when its timeout is over, and before a context's deadline", func() error {
		running, err := w.wait(name, durationpb.New(300*time.Millisecond))
		if err != nil {
			return err
		}
		short, cancel := context.WithTimeout(w.ctx, 20800*time.Millisecond)
		defer cancel()
		late, err := w.client.LROClient.WaitOperation(short, &longrunningpb.WaitOperationRequest{Name: name})
		return errors.Join(err, equal("done", running.GetDone() || late.GetDone(), false))
	})
	check("a wait that its context abandons ends with CANCELLED, and harms nobody", func() error {
		abandoned, abandon := context.WithCancel(w.ctx)
		time.AfterFunc(100*time.Millisecond, abandon)
		_, err := w.client.LROClient.WaitOperation(abandoned, &longrunningpb.WaitOperationRequest{Name: name})
		_, getErr := w.operation(name)
		return errors.Join(equal("abandoned", errors.Is(err, context.Canceled) || codeOf(err) == codes.Canceled, true), getErr)
	})
	check("CancelOperation ends it: Wait returns CANCELLED, metadata is ABORTED, the error says that the work has stopped", func() error {
		if err := w.cancel(name); err != nil {
			return err
		}
		ended, err := w.wait(name, durationpb.New(200*time.Second))
		if err != nil {
			return err
		}
		if err := equal("code of Wait", codeOf(operation.Wait(w.ctx)), codes.Canceled); err != nil {
			return err
		}
		info := &errdetails.ErrorInfo{}
		if err := ended.GetError().GetDetails()[0].UnmarshalTo(info); err != nil {
			return err
		}
		metadata, err := metadataOf(ended)
		return errors.Join(
			err,
			equal("status", metadata.Status, storagetransferpb.TransferOperation_ABORTED),
			equal("reason", info.Reason, "OPERATION_CANCELLED"),
			equal("stopConfirmed", info.Metadata["stopConfirmed"], "true"),
		)
	})
	check("cancelling again is OK and changes nothing", func() error {
		before, err := w.operation(name)
		if err != nil {
			return err
		}
		err = errors.Join(w.cancel(name), w.cancel(name))
		after, getErr := w.operation(name)
		return errors.Join(err, getErr, equal("same", proto.Equal(before, after), true))
	})
	check("the next run copies the remainder", func() error {
		rest, err := w.run(job.Name)
		if err != nil {
			return err
		}
		metadata, err := w.ended(rest)
		if err != nil {
			return err
		}
		large, err := os.Stat(root + "/large-go/large-file")
		if err != nil {
			return err
		}
		return errors.Join(
			equal("bytes", large.Size(), int64(largeBytes)),
			equal("objects", metadata.Counters.ObjectsCopiedToSink+metadata.Counters.ObjectsFromSourceSkippedBySync, int64(4)),
		)
	})
}

func (w walk) pausedRun() {
	check("PauseTransferOperation ends in PAUSED; a cancel of what is paused ends it at once", func() error {
		_, operation, err := w.start("large", "large-go-paused")
		if err != nil {
			return err
		}
		name := operation.Name()
		if err := until(w.isStatus(name, storagetransferpb.TransferOperation_IN_PROGRESS)); err != nil {
			return err
		}
		if err := w.client.PauseTransferOperation(w.ctx, &storagetransferpb.PauseTransferOperationRequest{Name: name}); err != nil {
			return err
		}
		if err := until(w.isStatus(name, storagetransferpb.TransferOperation_PAUSED)); err != nil {
			return err
		}
		if err := w.cancel(name); err != nil {
			return err
		}
		ended, err := w.operation(name)
		return errors.Join(err, equal("code", codes.Code(ended.GetError().GetCode()), codes.Canceled))
	})
}

func (w walk) lists() {
	check("ListOperations and ListTransferJobs iterate over everything once, whatever the page size", func() error {
		whole, err := w.list(0)
		if err != nil {
			return err
		}
		paged, err := w.list(2)
		if err != nil {
			return err
		}
		jobCount := 0
		jobs := w.client.ListTransferJobs(w.ctx, &storagetransferpb.ListTransferJobsRequest{Filter: w.filter(), PageSize: 1})
		for _, err = jobs.Next(); err == nil; _, err = jobs.Next() {
			jobCount++
		}
		return errors.Join(
			equal("pages", paged, whole),
			equal("operations", len(whole), 5),
			equal("jobs", jobCount, 5),
			equal("end", err, iterator.Done),
		)
	})
}

func (w walk) list(pageSize int32) (names []string, err error) {
	operations := w.client.LROClient.ListOperations(w.ctx, &longrunningpb.ListOperationsRequest{
		Name:     "transferOperations",
		Filter:   w.filter(),
		PageSize: pageSize,
	})
	for {
		operation, err := operations.Next()
		if errors.Is(err, iterator.Done) {
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		names = append(names, operation.Name)
	}
}

func (w walk) refusals() {
	check("NOT_FOUND, INVALID_ARGUMENT, PERMISSION_DENIED and UNIMPLEMENTED come with their ErrorInfo", func() error {
		_, getErr := w.operation(missing)
		_, waitErr := w.wait(missing, nil)
		_, jobErr := w.get("transferJobs/missing")
		_, nameErr := w.operation("transferOperations")
		_, timeoutErr := w.wait(missing, durationpb.New(-time.Second))
		_, outsideErr := w.create("../../etc", "x")
		forbidden := w.newJob("small", "x")
		forbidden.TransferSpec.GetPosixDataSource().RootDirectory = "/"
		_, rootErr := w.client.CreateTransferJob(w.ctx, &storagetransferpb.CreateTransferJobRequest{TransferJob: forbidden})
		deleteErr := w.client.LROClient.DeleteOperation(w.ctx, &longrunningpb.DeleteOperationRequest{Name: missing})
		_, poolErr := w.client.GetAgentPool(w.ctx, &storagetransferpb.GetAgentPoolRequest{Name: "projects/golang/agentPools/x"})
		return errors.Join(
			refused(getErr, codes.NotFound, "OPERATION_NOT_FOUND", "operation", missing),
			refused(waitErr, codes.NotFound, "OPERATION_NOT_FOUND"),
			refused(w.cancel(missing), codes.NotFound, "OPERATION_NOT_FOUND"),
			refused(jobErr, codes.NotFound, "TRANSFER_JOB_NOT_FOUND", "transferJob", "transferJobs/missing"),
			refused(nameErr, codes.InvalidArgument, "INVALID_NAME"),
			refused(timeoutErr, codes.InvalidArgument, "INVALID_FIELD", "field", "timeout"),
			equal("a path with ..", codeOf(outsideErr), codes.InvalidArgument),
			refused(rootErr, codes.PermissionDenied, "PATH_OUTSIDE_ROOTS", "flag", "--posix-root"),
			refused(deleteErr, codes.Unimplemented, "METHOD_NOT_SERVED"),
			refused(poolErr, codes.NotFound, "AGENT_POOL_NOT_FOUND", "agentPool", "projects/golang/agentPools/x"),
		)
	})
	check("FAILED_PRECONDITION: a resume of what is done", func() error {
		names, err := w.list(0)
		if err != nil {
			return err
		}
		err = w.client.ResumeTransferOperation(w.ctx, &storagetransferpb.ResumeTransferOperationRequest{Name: names[0]})
		return refused(err, codes.FailedPrecondition, "OPERATION_STATE_FORBIDS", "operation", names[0])
	})
}

func (w walk) unixSocket() {
	check("grpc-go reaches the same on the Unix socket, as unix: and as unix://", func() error {
		names, err := w.list(0)
		if err != nil {
			return err
		}
		for _, scheme := range []string{"unix:", "unix://"} {
			conn, client, err := dial(w.ctx, scheme+os.Getenv("SIDECAR_SOCKET"))
			if err != nil {
				return err
			}
			local := walk{w.ctx, conn, client, project}
			found, err := local.list(0)
			if err := errors.Join(err, equal(scheme, found, names), conn.Close()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w walk) health() {
	client := healthpb.NewHealthClient(w.conn)
	check("grpc.health.v1 says SERVING for the server and each service, NOT_FOUND for another", func() error {
		for _, service := range []string{"", "google.longrunning.Operations", "google.storagetransfer.v1.StorageTransferService"} {
			answer, err := client.Check(w.ctx, &healthpb.HealthCheckRequest{Service: service})
			if err := errors.Join(err, equal(service, answer.GetStatus(), healthpb.HealthCheckResponse_SERVING)); err != nil {
				return err
			}
		}
		_, err := client.Check(w.ctx, &healthpb.HealthCheckRequest{Service: "another"})
		return equal("another", codeOf(err), codes.NotFound)
	})
}

// drain ends the sidecar: nothing is left to check after it.
func (w walk) drain() {
	check("on SIGTERM the health watch says NOT_SERVING, and a parked wait is answered with the operation that goes on", func() error {
		_, operation, err := w.start("large", "large-go-drained")
		if err != nil {
			return err
		}
		if err := until(w.isStatus(operation.Name(), storagetransferpb.TransferOperation_IN_PROGRESS)); err != nil {
			return err
		}
		watch, err := healthpb.NewHealthClient(w.conn).Watch(w.ctx, &healthpb.HealthCheckRequest{})
		if err != nil {
			return err
		}
		first, err := watch.Recv()
		if err != nil {
			return err
		}
		type answer struct {
			operation *longrunningpb.Operation
			err       error
		}
		parked := make(chan answer, 1)
		go func() {
			operation, err := w.wait(operation.Name(), nil)
			parked <- answer{operation, err}
		}()
		time.Sleep(200 * time.Millisecond)
		pid, err := strconv.Atoi(os.Getenv("SIDECAR_PID"))
		if err != nil {
			return err
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			return err
		}
		second, err := watch.Recv()
		if err != nil {
			return err
		}
		waited := <-parked
		return errors.Join(
			equal("before", first.Status, healthpb.HealthCheckResponse_SERVING),
			equal("after", second.Status, healthpb.HealthCheckResponse_NOT_SERVING),
			waited.err,
			equal("done", waited.operation.GetDone(), false),
		)
	})
}
