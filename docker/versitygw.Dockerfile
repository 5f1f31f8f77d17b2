# versitygw, an S3 API over a folder, for docker/compose.yaml. Base images as in
# Dockerfile; the version is the Makefile's.
ARG BUILD_IMAGE=golang:1.26.8-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d
ARG RUNTIME_IMAGE=gcr.io/distroless/static-debian12:nonroot@sha256:d093aa3e30dbadd3efe1310db061a14da60299baff8450a17fe0ccc514a16639

FROM ${BUILD_IMAGE} AS build
ENV CGO_ENABLED=0 GOTOOLCHAIN=local
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    GOMODCACHE=/go/pkg/mod GOBIN=/out go install -trimpath -ldflags "-s -w" github.com/versity/versitygw/cmd/versitygw@v1.8.0
# A folder is a bucket. Attributes lie beside it, since not every file system keeps them.
RUN mkdir -p /out/data/objects/files /out/data/attributes

FROM ${RUNTIME_IMAGE}
COPY --from=build /out/versitygw /versitygw
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["/versitygw", "--port", ":9000", "--quiet", "posix", "--sidecar", "/data/attributes", "/data/objects"]
