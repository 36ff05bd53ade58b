// The limit that HTTP servers are compared with: one thread, epoll, and no parsing. It looks at the first bytes of a
// request for its route, finds the blank line that ends the head, and counts the bytes of an upload, whose length it
// knows. So it is no server, and passes no test of one; it shows what the system alone costs.
//
// Prints its port, and ends with its standard input.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGE = 1 << 20, MAX_FD = 1 << 16, OUT = 2 << 20 };

#define HEAD(type, length) "HTTP/1.1 200 OK\r\nContent-Type: " type "\r\nContent-Length: " length "\r\n\r\n"
static const char PLAIN[] = HEAD("text/plain", "13") "Hello, World!";
static const char JSON[] = HEAD("application/json", "27") "{\"message\":\"Hello, World!\"}";
static const char UPLOADED[] = HEAD("text/plain", "7") "1048576";
static const char LARGE_HEAD[] = HEAD("application/octet-stream", "1048576");

struct connection {
  unsigned tail;        // the last four bytes of the head so far
  unsigned seen;        // bytes of this request so far
  char route;           // p(lain), j(son), l(arge) or u(pload)
  size_t body_left;     // of an upload
  const char *pending;  // what could not be sent yet; only of the large answer, which is sent from one place
  size_t pending_left;
};

static char in[1 << 18], out[OUT], large[sizeof LARGE_HEAD - 1 + LARGE];
static struct connection connections[MAX_FD];
static int poller;

static void flush(int fd, struct connection *c, const char *from, size_t length) {
  ssize_t sent = send(fd, from, length, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) { close(fd); return; }
  if (sent < 0) sent = 0;
  int waited = c->pending_left > 0;
  c->pending = from + sent;
  c->pending_left = length - (size_t)sent;
  if (waited != (c->pending_left > 0)) {
    struct epoll_event e = {.events = c->pending_left ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_MOD, fd, &e);
  }
}

static size_t append(size_t length, const char *answer, size_t size) {
  if (length + size > OUT) { fprintf(stderr, "too many answers at once\n"); exit(1); }
  memcpy(out + length, answer, size);
  return length + size;
}

static void answer(int fd) {
  struct connection *c = &connections[fd];
  ssize_t got = recv(fd, in, sizeof in, 0);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) { close(fd); return; }
  size_t length = 0;
  for (ssize_t i = 0; i < got;) {
    if (c->body_left) {
      size_t take = c->body_left < (size_t)(got - i) ? c->body_left : (size_t)(got - i);
      i += (ssize_t)take;
      c->body_left -= take;
      if (!c->body_left) length = append(length, UPLOADED, sizeof UPLOADED - 1);
      continue;
    }
    char byte = in[i++];
    if (c->seen++ < 7 && c->tail << 24 == (unsigned)'/' << 24 && !c->route) c->route = byte;
    c->tail = c->tail << 8 | (unsigned char)byte;
    if (c->tail != 0x0d0a0d0a) continue;
    if (c->route == 'u') c->body_left = LARGE;
    else if (c->route == 'j') length = append(length, JSON, sizeof JSON - 1);
    else if (c->route == 'l') flush(fd, c, large, sizeof large);
    else length = append(length, PLAIN, sizeof PLAIN - 1);
    c->seen = c->tail = 0;
    c->route = 0;
  }
  if (length && send(fd, out, length, MSG_NOSIGNAL) != (ssize_t)length) close(fd);
}

static void accept_all(int listener) {
  int one = 1;
  for (int fd; (fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0;) {
    if (fd >= MAX_FD) { close(fd); continue; }
    connections[fd] = (struct connection){0};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
  }
}

int main(void) {
  memcpy(large, LARGE_HEAD, sizeof LARGE_HEAD - 1);
  memset(large + sizeof LARGE_HEAD - 1, 'a', LARGE);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  if (bind(listener, (void *)&at, size) || listen(listener, 4096) || getsockname(listener, (void *)&at, &size)) {
    perror("listen");
    return 1;
  }
  poller = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[1024];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
  e.data.fd = 0;
  epoll_ctl(poller, EPOLL_CTL_ADD, 0, &e);
  printf("port %d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    int n = epoll_wait(poller, events, 1024, -1);
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      struct connection *c = &connections[fd];
      if (fd == 0) {
        if (read(0, in, sizeof in) <= 0) return 0;
      } else if (fd == listener) {
        accept_all(listener);
      } else if (events[i].events & EPOLLOUT) {
        flush(fd, c, c->pending, c->pending_left);
      } else {
        answer(fd);
      }
    }
  }
}
