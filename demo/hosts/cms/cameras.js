// What a site of those years does: a list, a template by string, and the DOM changed by hand.
jQuery(function ($) {
  var device = 'http://localhost:1984';
  var asked = /[?&]cameras=([^&]+)/.exec(location.search);
  var cameras = asked ? decodeURIComponent(asked[1]).split(',') : ['camera1', 'camera2', 'camera3', 'camera4', 'camera5', 'camera6'];
  var columns = 3;
  var eager = false;

  function after(stream) {
    return cameras[($.inArray(stream, cameras) + 1) % cameras.length];
  }

  function tile(stream) {
    return $('<ms-slot>').attr('stream', stream).prop('eager', eager);
  }

  function number() {
    $('#place ms-slot').each(function (place) {
      $(this).attr('slot', place);
    });
  }

  function show() {
    var grid = $('<ms-grid ice-servers="[]">').attr({ 'device-url': device, columns: columns });
    grid.prop('strings', { active: 'On air' });
    $.each(cameras.slice(0, 3), function (place, stream) {
      grid.append(tile(stream));
    });
    grid.on('ms-connection', function (event) {
      $('#connection').text(event.originalEvent.state);
    });
    grid.on('ms-switch', function (event) {
      $('#switched').text(event.originalEvent.stream);
    });
    grid.appendTo('#place');
    number();
  }

  $('#next').click(function () {
    var first = $('#place ms-slot').first();
    first.attr('stream', after(first.attr('stream')));
  });
  $('#add').click(function () {
    $('#place ms-grid').append(tile(after($('#place ms-slot').last().attr('stream'))));
    number();
  });
  $('#remove').click(function () {
    $('#place ms-slot').first().remove();
    number();
  });
  $('#columns').click(function () {
    columns = 5 - columns;
    $('#place ms-grid').attr('columns', columns);
  });
  $('#eager').click(function () {
    eager = !eager;
    $('#place ms-slot').prop('eager', eager);
  });
  $('#show').click(function () {
    if ($('#place ms-grid').length) {
      $('#place').empty();
    } else {
      show();
    }
  });
  $('#leave').click(function () {
    $('#content').empty();
  });
  show();
});
