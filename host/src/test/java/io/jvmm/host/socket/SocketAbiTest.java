package io.jvmm.host.socket;

import io.jvmm.abi.Abi;
import io.jvmm.host.internal.Poll;
import org.junit.jupiter.api.Test;

class SocketAbiTest {
  @Test
  void addressesAreTheHeaders() throws Exception {
    Abi.of("sys/socket.h", "sys/un.h", "netinet/in.h")
        .same("AF_UNIX", SocketAddress.AF_UNIX)
        .same("AF_INET", SocketAddress.AF_INET)
        .same("AF_INET6", SocketAddress.AF_INET6)
        .same("sizeof(sa_family_t)", Short.BYTES)
        .same("sizeof(struct sockaddr_in)", SocketAddress.SOCKADDR_IN_SIZE)
        .same("offsetof(struct sockaddr_in, sin_port)", SocketAddress.PORT_OFFSET)
        .same("offsetof(struct sockaddr_in, sin_addr)", SocketAddress.SIN_ADDR_OFFSET)
        .same("sizeof(struct sockaddr_in6)", SocketAddress.SOCKADDR_IN6_SIZE)
        .same("offsetof(struct sockaddr_in6, sin6_port)", SocketAddress.PORT_OFFSET)
        .same("offsetof(struct sockaddr_in6, sin6_addr)", SocketAddress.SIN6_ADDR_OFFSET)
        .same("offsetof(struct sockaddr_in6, sin6_scope_id)", SocketAddress.SIN6_SCOPE_ID_OFFSET)
        .same("sizeof(struct sockaddr_un)", SocketAddress.SOCKADDR_UN_SIZE)
        .same("offsetof(struct sockaddr_un, sun_path)", SocketAddress.SUN_PATH_OFFSET)
        .verify();
  }

  @Test
  void socketsAndOptionsAreTheHeaders() throws Exception {
    Abi.of("sys/socket.h", "netinet/in.h", "netinet/tcp.h", "poll.h")
        .same("SOCK_STREAM", Socket.SOCK_STREAM)
        .same("SOCK_SEQPACKET", Socket.SOCK_SEQPACKET)
        .same("SOCK_NONBLOCK", Socket.SOCK_NONBLOCK)
        .same("SOCK_CLOEXEC", Socket.SOCK_CLOEXEC)
        .same("SOL_SOCKET", Socket.SOL_SOCKET)
        .same("SO_TYPE", Socket.SO_TYPE)
        .same("SO_ACCEPTCONN", Socket.SO_ACCEPTCONN)
        .same("SO_ERROR", Socket.SO_ERROR)
        .same("SO_SNDBUF", Socket.SO_SNDBUF)
        .same("SO_RCVBUF", Socket.SO_RCVBUF)
        .same("SO_KEEPALIVE", Socket.SO_KEEPALIVE)
        .same("IPPROTO_TCP", Socket.IPPROTO_TCP)
        .same("TCP_NODELAY", Socket.TCP_NODELAY)
        .same("TCP_KEEPIDLE", Socket.TCP_KEEPIDLE)
        .same("TCP_KEEPINTVL", Socket.TCP_KEEPINTVL)
        .same("TCP_KEEPCNT", Socket.TCP_KEEPCNT)
        .same("TCP_USER_TIMEOUT", Socket.TCP_USER_TIMEOUT)
        .same("MSG_PEEK", Socket.MSG_PEEK)
        .same("MSG_TRUNC", Socket.MSG_TRUNC)
        .same("MSG_NOSIGNAL", Socket.MSG_NOSIGNAL)
        .same("SHUT_RD", Socket.SHUT_RD)
        .same("SHUT_WR", Socket.SHUT_WR)
        .same("SHUT_RDWR", Socket.SHUT_RDWR)
        .same("sizeof(struct msghdr)", Socket.MSGHDR_SIZE)
        .same("offsetof(struct msghdr, msg_iov)", Socket.MSG_IOV_OFFSET)
        .same("offsetof(struct msghdr, msg_iovlen)", Socket.MSG_IOVLEN_OFFSET)
        .same("sizeof(((struct msghdr *) 0)->msg_iovlen)", Long.BYTES)
        .same("POLLIN", Poll.POLLIN)
        .same("POLLOUT", Poll.POLLOUT)
        .same("sizeof(struct pollfd)", Poll.POLLFD_SIZE)
        .same("offsetof(struct pollfd, events)", Poll.POLLFD_EVENTS)
        .verify();
  }
}
