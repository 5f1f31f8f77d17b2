// A chat of rooms on Socket.IO: join a room, say something to it, everybody in it hears it.
// It stores nothing, checks no token and numbers nothing.
//
//   node server.mjs PORT
import { Server } from "socket.io";

const io = new Server(Number(process.argv[2]), {
  transports: ["websocket"],
  serveClient: false,
  pingInterval: 10_000, // as often as heart-beats go in the load
});

io.on("connection", (socket) => {
  socket.on("join", (room, joined) => {
    socket.join(room);
    joined();
  });
  socket.on("say", (room, text, said) => {
    io.to(room).emit("said", text);
    said();
  });
});
