package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	longrunning "cloud.google.com/go/longrunning/autogen"
	transfer "cloud.google.com/go/storagetransfer/apiv1"
	"cloud.google.com/go/storagetransfer/apiv1/storagetransferpb"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	storagetransfer "google.golang.org/api/storagetransfer/v1"
	"google.golang.org/grpc/codes"
)

const httpProject = "golang-http"

// generated is google.golang.org/api/storagetransfer/v1: made of the discovery document, as the clients of other languages are.
type generated struct {
	ctx     context.Context
	service *storagetransfer.Service
}

// overHTTP does with both of Go's clients for HTTP/JSON what the walk does over gRPC.
func (w walk) overHTTP() {
	options := []option.ClientOption{option.WithEndpoint("http://" + os.Getenv("SIDECAR_HTTP")), option.WithoutAuthentication()}
	service, err := storagetransfer.NewService(w.ctx, options...)
	if err == nil {
		generated{w.ctx, service}.all()
	}
	rest, restErr := newRESTClient(w.ctx, options)
	if restErr == nil {
		walk{w.ctx, nil, rest, httpProject}.rest()
	}
	check("both of Go's clients for HTTP can be made", func() error { return errors.Join(err, restErr) })
}

func newRESTClient(ctx context.Context, options []option.ClientOption) (*transfer.Client, error) {
	client, err := transfer.NewRESTClient(ctx, options...)
	if err != nil {
		return nil, err
	}
	// NewRESTClient leaves it nil.
	client.LROClient, err = longrunning.NewOperationsRESTClient(ctx, options...)
	return client, err
}

func (g generated) create(source, sink string) (*storagetransfer.TransferJob, error) {
	return g.service.TransferJobs.Create(&storagetransfer.TransferJob{
		ProjectId: httpProject,
		Status:    "ENABLED",
		TransferSpec: &storagetransfer.TransferSpec{
			PosixDataSource: &storagetransfer.PosixFilesystem{RootDirectory: root + "/" + source},
			PosixDataSink:   &storagetransfer.PosixFilesystem{RootDirectory: root + "/" + sink},
		},
	}).Context(g.ctx).Do()
}

// start runs a new job and returns the operation's name.
func (g generated) start(source, sink string) (string, error) {
	job, err := g.create(source, sink)
	if err != nil {
		return "", err
	}
	operation, err := g.service.TransferJobs.Run(job.Name, &storagetransfer.RunTransferJobRequest{ProjectId: httpProject}).Do()
	if err != nil {
		return "", err
	}
	return operation.Name, nil
}

func (g generated) get(name string) (*storagetransfer.Operation, error) {
	return g.service.TransferOperations.Get(name).Context(g.ctx).Do()
}

func (g generated) cancel(name string) error {
	_, err := g.service.TransferOperations.Cancel(name, &storagetransfer.CancelOperationRequest{}).Context(g.ctx).Do()
	return err
}

func (g generated) isDone(name string) func() (bool, error) {
	return func() (bool, error) {
		operation, err := g.get(name)
		return err == nil && operation.Done, err
	}
}

// list returns the names of all pages.
func (g generated) list(pageSize int64) (names []string, err error) {
	list := g.service.TransferOperations.List("transferOperations", `{"projectId":"golang-http"}`).PageSize(pageSize)
	err = list.Pages(g.ctx, func(page *storagetransfer.ListOperationsResponse) error {
		for _, operation := range page.Operations {
			names = append(names, operation.Name)
		}
		return nil
	})
	return names, err
}

func (g generated) all() {
	var finished, stopped string
	check("api/storagetransfer/v1: a run is polled until it is done, and has a response", func() (err error) {
		if finished, err = g.start("small", "small-go-http"); err != nil {
			return err
		}
		if err := until(g.isDone(finished)); err != nil {
			return err
		}
		operation, err := g.get(finished)
		if err != nil {
			return err
		}
		return errors.Join(
			equal("status", operation.ServerResponse.HTTPStatusCode, http.StatusOK),
			equal("response", string(operation.Response), `{"@type":"type.googleapis.com/google.protobuf.Empty"}`),
		)
	})
	check("api/storagetransfer/v1: cancel of a running transfer stops it", func() (err error) {
		if stopped, err = g.start("large", "large-go-http"); err != nil {
			return err
		}
		if err := errors.Join(g.cancel(stopped), until(g.isDone(stopped)), g.cancel(stopped)); err != nil {
			return err
		}
		operation, err := g.get(stopped)
		if err != nil {
			return err
		}
		return equal("code", operation.Error.Code, int64(codes.Canceled))
	})
	check("api/storagetransfer/v1: Pages of list tell every operation once", func() error {
		whole, err := g.list(256)
		paged, pagedErr := g.list(1)
		expected := []string{stopped, finished}
		return errors.Join(err, pagedErr, equal("whole", whole, expected), equal("paged", paged, expected))
	})
	check("api/storagetransfer/v1: a get with its ETag is NotModified", func() error {
		operation, err := g.get(finished)
		if err != nil {
			return err
		}
		tag := operation.ServerResponse.Header.Get("Etag")
		_, err = g.service.TransferOperations.Get(finished).IfNoneMatch(tag).Do()
		return equal("not modified", googleapi.IsNotModified(err), true)
	})
	check("api/storagetransfer/v1: fields and quotaUser are taken", func() error {
		operation, err := g.service.TransferOperations.Get(finished).Fields("name", "metadata(status)").Do(googleapi.QuotaUser("q u"))
		if err != nil {
			return err
		}
		metadata := `{"@type":"type.googleapis.com/google.storagetransfer.v1.TransferOperation","status":"SUCCESS"}`
		return errors.Join(equal("done", operation.Done, false), equal("metadata", string(operation.Metadata), metadata))
	})
	check("api/storagetransfer/v1: refusals are googleapi.Errors with their status", func() error {
		_, getErr := g.get("transferOperations/a/b c%+é")
		_, listErr := g.service.TransferOperations.List("transferOperations", "{").Do()
		_, pauseErr := g.service.TransferOperations.Pause(finished, &storagetransfer.PauseTransferOperationRequest{}).Do()
		return errors.Join(
			refusedHTTP(getErr, http.StatusNotFound, "transferOperations/a/b c%+é"),
			refusedHTTP(listErr, http.StatusBadRequest, "filter"),
			refusedHTTP(pauseErr, http.StatusBadRequest, finished),
		)
	})
}

// refusedHTTP demands a googleapi.Error with this status whose message names something.
func refusedHTTP(err error, status int, named string) error {
	var refusal *googleapi.Error
	if !errors.As(err, &refusal) {
		return fmt.Errorf("no googleapi.Error: %v", err)
	}
	return errors.Join(
		equal("status", refusal.Code, status),
		equal(fmt.Sprintf("%q names %q", refusal.Message, named), strings.Contains(refusal.Message, named), true),
	)
}

// rest is cloud.google.com/go/storagetransfer without gRPC.
func (w walk) rest() {
	check("storagetransfer's REST client: Wait of a run returns without an error, and Metadata counts every file", func() error {
		_, operation, err := w.start("small", "small-go-rest")
		if err != nil {
			return err
		}
		return w.copiesAllSmall(operation)
	})
	check("storagetransfer's REST client: CancelOperation of a running transfer ends it, and Wait returns CANCELLED", func() error {
		_, operation, err := w.start("large", "large-go-rest")
		if err != nil {
			return err
		}
		if err := until(w.isStatus(operation.Name(), storagetransferpb.TransferOperation_IN_PROGRESS)); err != nil {
			return err
		}
		if err := w.cancel(operation.Name()); err != nil {
			return err
		}
		return equal("code of Wait", codeOf(operation.Wait(w.ctx)), codes.Canceled)
	})
	check("storagetransfer's REST client: ListOperations iterates over everything once, whatever the page size", func() error {
		whole, err := w.list(0)
		paged, pagedErr := w.list(1)
		return errors.Join(err, pagedErr, equal("paged", paged, whole), equal("operations", len(whole), 4))
	})
	check("storagetransfer's REST client: refusals come with their ErrorInfo", func() error {
		_, getErr := w.operation(missing)
		_, jobErr := w.get("transferJobs/missing")
		return errors.Join(
			refused(getErr, codes.NotFound, "OPERATION_NOT_FOUND", "operation", missing),
			refused(jobErr, codes.NotFound, "TRANSFER_JOB_NOT_FOUND", "transferJob", "transferJobs/missing"),
		)
	})
}
