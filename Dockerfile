# SPDX-License-Identifier: Apache-2.0
# A node of Varve and its command line, from what Maven has built:
#   ./mvnw -Dquickly package && docker build -t varve .
# The base is any image with Java (17 or later), bash and flock; nothing is fetched while building.
ARG BASE_IMAGE=eclipse-temurin:17-jre

FROM ${BASE_IMAGE} AS distribution
COPY . /opt/varve/
# The launcher puts the jars where it wants them, and archives classes for a fast start.
RUN cd /opt/varve \
    && { [ -d cluster-node/target/lib ] && [ -d cli/target/lib ] \
         || { echo "varve is not built: run ./mvnw -Dquickly package first" >&2; exit 1; }; } \
    && VARVE_BUILD=never ./varve version \
    && rm -rf cluster-node cli .varve/runtime/build.lock \
    && chmod -R a+rX .

FROM ${BASE_IMAGE}
RUN groupadd --gid 7171 varve \
    && useradd --uid 7171 --gid varve --no-create-home --home-dir /var/lib/varve --shell /usr/sbin/nologin varve \
    && install -d -o varve -g varve -m 0700 /var/lib/varve \
    && ln -s /opt/varve/varve /usr/local/bin/varve
COPY --from=distribution /opt/varve /opt/varve
COPY docker/node.yaml /etc/varve/node.yaml

# Every setting of the node can be given as VARVE_NODE_*; these make one node that clients on this host reach at
# localhost:7171. The launcher gives it 256 MiB of heap and as much outside of it; VARVE_JAVA_OPTS changes that.
ENV VARVE_NODE_NODE_ID=1 \
    VARVE_NODE_STORAGE_DIRECTORIES=/var/lib/varve \
    VARVE_NODE_LISTENERS=public=0.0.0.0:7171@localhost:7171 \
    VARVE_NODE_HTTP_BIND=0.0.0.0:7180 \
    LC_ALL=C.UTF-8

USER varve
VOLUME /var/lib/varve
EXPOSE 7171 7172 7173 7180
# A node that is told to stop hands over its partitions first; give it 40 s (docker stop --time 40).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/varve/docker/health"]
ENTRYPOINT ["/opt/varve/docker/entrypoint"]
